// Where in its file a passage stands, as people say it.

/** "page 3 › Packing › Boots"; empty where there is nothing to tell. */
export function placeOf({ member, page, sheet, headings }, { t }) {
  const parts = [member, page !== null && t("ui.place_page", { page }), sheet && t("ui.place_sheet", { sheet }), ...headings];
  return parts.filter(Boolean).join(" › ");
}
