// A warning where what others wrote of a tool gives the model orders.

import { h } from "../chat/dom.js";

/** `orders` are the places where it does, as they read; null where there are none. */
export function ordersNote(orders, { t }) {
  if (!orders || orders.length === 0) return null;
  return h("p", { class: "st-orders", role: "note" }, t("ui.orders"), ...orders.map((order) => h("q", { dir: "auto" }, order)));
}
