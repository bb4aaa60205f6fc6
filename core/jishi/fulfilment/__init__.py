"""How goods reach the customer: options with their price, addresses, consignments."""

from jishi.fulfilment.options import DeliveryNotOffered, delivery_options
from jishi.fulfilment.regions import REGIONS, is_region, short_region
from jishi.fulfilment.structs import (
    Address,
    Consignment,
    DeliveryOption,
    Kind,
    Parcel,
    Shipment,
)

__all__ = [
    "REGIONS",
    "Address",
    "Consignment",
    "DeliveryNotOffered",
    "DeliveryOption",
    "Kind",
    "Parcel",
    "Shipment",
    "delivery_options",
    "is_region",
    "short_region",
]
