const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const PRECISELY = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 15 });

export const moment = (iso: string) => MOMENT.format(new Date(iso));
export const clock = (iso: string) => CLOCK.format(new Date(iso));
export const time = (date: Date) => TIME.format(date);
export const number = (value: number) => NUMBER.format(value);
/** As it was measured, without what binary fractions add. */
export const precisely = (value: number) => PRECISELY.format(value);

export function money(amount: number | string, currency: string): string {
  return new Intl.NumberFormat(undefined, { style: "currency", currency }).format(Number(amount));
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** With a capital letter, as names and sentences begin. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `clickstream.page_views` as “Clickstream: page views”. */
export function metricName(metric: string): string {
  const [recipe = "", measure = ""] = metric.replaceAll("_", " ").split(".");
  return `${capital(recipe)}: ${measure}`;
}
