// When things were, as people speak of it: today, yesterday, the last days, and then by month.

const DAY_MS = 86_400_000;
const NAMES = [
  [0, "ui.today"],
  [1, "ui.yesterday"],
  [7, "ui.last_days"],
  [30, "ui.last_weeks"],
];

/**
 * Items that have an `updated` time, newest first, in groups: [what people call the time, items].
 * @param {{updated: string}[]} items
 */
export function grouped(items, strings, now = new Date()) {
  const groups = new Map();
  for (const item of items) {
    const name = nameOf(new Date(item.updated), strings, now);
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return [...groups];
}

function nameOf(date, { t, month }, now) {
  // Noon to noon, so that a day that is an hour shorter or longer counts as one.
  const days = Math.round((new Date(now).setHours(12, 0, 0, 0) - new Date(date).setHours(12, 0, 0, 0)) / DAY_MS);
  const known = NAMES.find(([limit]) => days <= limit);
  return known ? t(known[1]) : month(date);
}
