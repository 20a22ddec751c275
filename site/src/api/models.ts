/** What is asked of the controller. */
export type Action = "promote" | "report" | "rollback" | "step" | "unknown";

/** As CloudWatch calls them. */
export type AlarmState = "ALARM" | "INSUFFICIENT_DATA" | "OK";

/** What people ask of the controller. */
export type Asked = "promote" | "rollback";

/** What a user ordered on a day (UTC). */
export interface DayTotal {
  day: string;
  currency: string;
  orders: number;
  revenue: string;
}

/** What the controller decided, and why. */
export interface Decision {
  decision_id: string;
  at: string;
  source: Source;
  who: string;
  action: Action;
  outcome: Outcome;
  why: Why;
  forced: boolean;
  from_version: number | null;
  to_version: number | null;
  alarm: AlarmState | null;
  reason: string;
}

/** An enrolled device, and what it told last. */
export interface Device {
  device_id: string;
  kind: Kind;
  enrolled_at: string;
  measured_at: string | null;
  readings: Readonly<Record<string, number>>;
  alarms: readonly string[];
}

/** Devices, in no particular order; a page may hold fewer than asked for, even none, with others after it. */
export interface DevicePage {
  devices: readonly Device[];
  next_cursor: string | null;
}

/** Items, the best match first. */
export interface Feed {
  items: readonly FeedItem[];
}

/** An item with what speaks for it. */
export interface FeedItem {
  item: Item;
  score: number;
  because: readonly string[];
}

/** That the function runs. */
export interface Health {
  status: "ok";
}

/** What image processing made of an upload. Sizes are in pixels; all but id and status come with READY alone. */
export interface Image {
  image_id: string;
  status: ImageStatus;
  reason?: string | null;
  width?: number | null;
  height?: number | null;
  dominant_color?: string | null;
  src?: string | null;
  srcset?: Readonly<Record<string, string>>;
}

/** How far image processing is. */
export type ImageStatus = "blocked" | "pending" | "ready" | "rejected";

/** Something in a user's gallery. */
export interface Item {
  item_id: string;
  title: string;
  description: string;
  tags: readonly string[];
  image_id: string | null;
  created_at: string;
  updated_at: string;
}

/** What a user says of an item. */
export interface ItemDraft {
  title: string;
  description?: string;
  tags?: readonly string[];
  image_id?: string | null;
}

/** Items, newest first. */
export interface ItemPage {
  items: readonly Item[];
  next_cursor: string | null;
}

/** What a device is. */
export type Kind = "button" | "sensor";

/** Some prints of one item. */
export interface LineDraft {
  item_id: string;
  product: Product;
  quantity?: number;
}

/** One of the most frequent names; the true count is at most this. */
export interface Named {
  name: string;
  count: number;
}

/** An order as the shop keeps it. */
export interface Order {
  order_id: string;
  placed_at: string;
  status: "cancelled" | "draft" | "placed" | "shipped";
  currency: string;
  total: string;
  lines: readonly OrderLine[];
}

/** Prints to be ordered, at the price of the day. */
export interface OrderDraft {
  lines: readonly LineDraft[];
}

/** Some prints of one item, with their price. */
export interface OrderLine {
  sku: string;
  quantity: number;
  unit_price: string;
}

/** The newest orders, and totals by day, out of the read model: what was ordered a second ago may be missing. */
export interface OrderList {
  orders: readonly Order[];
  totals: readonly DayTotal[];
}

/** What the controller decided. */
export type Outcome = "canary" | "extended" | "given_up" | "promoted" | "refused" | "reported" | "rolled_back";

/** Where the controller stands. */
export type Phase = "canary" | "steady";

/** A metric over one step; which fields there are depends on its kind. */
export interface Point {
  start: string;
  kind: "count" | "distinct" | "quantiles" | "stats" | "sum" | "top";
  value: string;
  minimum?: string | null;
  maximum?: string | null;
  p95?: string | null;
  top?: readonly Named[];
}

/** What a user likes (up to 1) and dislikes (down to -1), by tag. */
export interface Preferences {
  tags: Readonly<Record<string, number>>;
}

/** What one print costs. */
export interface Price {
  product: Product;
  price: string;
  currency: "EUR";
}

/** All products. */
export interface PriceList {
  products: readonly Price[];
}

/** What an item can be printed as. */
export type Product = "a4" | "postcard" | "poster";

/** A release, or the way back. */
export interface ReleaseDraft {
  action: Asked;
  force?: boolean;
  reason?: string;
}

/** How things stand, and decisions, newest first. */
export interface ReleaseList {
  current: Standing;
  decisions: readonly Decision[];
  next_cursor: string | null;
}

/** A metric over time, oldest first; steps without data are absent. */
export interface Series {
  metric: string;
  dimension: string;
  points: readonly Point[];
}

/** Where a command came from. */
export type Source = "http" | "press" | "schedule" | "voice";

/** How things stand. */
export interface Standing {
  phase: Phase;
  version: number;
  candidate: number | null;
  percent: number;
  previous: number | null;
  newest: number;
  alarm: AlarmState;
  alias_moved: boolean;
  due_at: string | null;
}

/** A form to be sent as multipart/form-data to ``url``: its fields first, then the file as ``file``. */
export interface Upload {
  upload_id: string;
  url: string;
  fields: Readonly<Record<string, string>>;
  max_bytes: number;
  expires_at: string;
}

/** A picture about to be uploaded. */
export interface UploadDraft {
  content_type: "image/avif" | "image/bmp" | "image/gif" | "image/heic" | "image/jpeg" | "image/png" | "image/tiff" | "image/webp";
}

/** Reasons of decisions. */
export type Why = "alarm" | "alarm_ok" | "alarm_silent" | "alias_moved" | "alias_refused" | "asked" | "malformed" | "nothing_before" | "nothing_newer" | "stale" | "stranger" | "under_way";
