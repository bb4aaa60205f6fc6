// Keeps a room's page moving: counters come as server-sent events.
"use strict";
(() => {
  const room = document.querySelector("[data-live-room]");
  if (!room) return;
  const base = "/live_stream/sessions/" + room.dataset.liveRoom;
  const put = (name, text) => {
    for (const each of room.querySelectorAll(`[data-count="${CSS.escape(name)}"]`)) {
      each.textContent = text;
    }
  };
  const two = (number) => String(number).padStart(2, "0");
  const clock = (all) => `${two(Math.floor(all / 3600))}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
  const source = new EventSource(base + "/counters");
  source.addEventListener("counters", (event) => {
    const now = JSON.parse(event.data);
    room.dataset.state = now.state;
    put("clock", clock(now.seconds));
    put("orders", now.orders);
    for (const [code, left] of Object.entries(now.coupons)) put("coupon:" + code, left);
    for (const [sku, left] of Object.entries(now.cards)) put("card:" + sku, left);
    for (const draw of now.draws) put("draw:" + draw.id, draw.entries);
    if (now.state !== "live") source.close();
  });
})();
