"""How the storefront is reached: every page and every form, below the shop's root."""

from litestar import Router

from jishi.themes import (
    cart_pages,
    catalogue_pages,
    checkout_pages,
    login_pages,
    order_pages,
    payment_pages,
    problem_pages,
    static_files,
)
from jishi.themes.problem_pages import answer_problem

PAGES = Router(
    path="/",
    route_handlers=[
        *catalogue_pages.ROUTES,
        *cart_pages.ROUTES,
        *checkout_pages.ROUTES,
        *payment_pages.ROUTES,
        *order_pages.ROUTES,
        *login_pages.ROUTES,
        *static_files.ROUTES,
        *problem_pages.ROUTES,
    ],
    exception_handlers={Exception: answer_problem},
)

ROUTES = (PAGES,)
