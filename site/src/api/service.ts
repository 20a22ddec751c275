import type { Client, Version } from "./client.ts";
import type {
  Decision,
  DevicePage,
  Feed,
  Image,
  Item,
  ItemDraft,
  ItemPage,
  Order,
  OrderDraft,
  OrderList,
  Preferences,
  PriceList,
  ReleaseDraft,
  ReleaseList,
  Series,
  Upload,
  UploadDraft,
} from "./models.ts";

const PAGE = "24";
const MOST_DEVICES = "100";

/** The operations that the pages use, by name. */
export class Service {
  constructor(private readonly client: Client) {}

  async items(cursor: string | null, signal: AbortSignal, limit = PAGE): Promise<ItemPage> {
    const query = { limit, ...(cursor !== null && { cursor }) };
    return (await this.client.call<ItemPage>("/items", { query, signal })).value;
  }

  async feed(signal: AbortSignal): Promise<Feed> {
    return (await this.client.call<Feed>("/me/feed", { query: { limit: PAGE }, signal })).value;
  }

  item(id: string, signal?: AbortSignal): Promise<Version<Item>> {
    return this.client.call(`/items/${id}`, signal ? { signal } : {});
  }

  async createItem(body: ItemDraft, idempotencyKey: string): Promise<Item> {
    return (await this.client.call<Item>("/items", { method: "POST", body, idempotencyKey })).value;
  }

  updateItem(id: string, body: ItemDraft, etag: string): Promise<Version<Item>> {
    return this.client.call(`/items/${id}`, { method: "PUT", body, etag });
  }

  async deleteItem(id: string, etag: string): Promise<void> {
    await this.client.call(`/items/${id}`, { method: "DELETE", etag });
  }

  async recordView(id: string): Promise<void> {
    await this.client.call(`/me/views/${id}`, { method: "PUT" });
  }

  preferences(signal?: AbortSignal): Promise<Version<Preferences>> {
    return this.client.call("/me/preferences", signal ? { signal } : {});
  }

  setPreferences(body: Preferences, etag: string): Promise<Version<Preferences>> {
    return this.client.call("/me/preferences", { method: "PUT", body, etag });
  }

  async createUpload(body: UploadDraft, idempotencyKey: string, signal: AbortSignal): Promise<Upload> {
    return (await this.client.call<Upload>("/uploads", { method: "POST", body, idempotencyKey, signal })).value;
  }

  async image(id: string, signal: AbortSignal): Promise<Image> {
    return (await this.client.call<Image>(`/images/${id}`, { signal })).value;
  }

  async products(signal: AbortSignal): Promise<PriceList> {
    return (await this.client.call<PriceList>("/products", { signal })).value;
  }

  async orders(signal: AbortSignal): Promise<OrderList> {
    return (await this.client.call<OrderList>("/orders", { signal })).value;
  }

  async createOrder(body: OrderDraft, idempotencyKey: string): Promise<Order> {
    return (await this.client.call<Order>("/orders", { method: "POST", body, idempotencyKey })).value;
  }

  async series(metric: string, start: Date, end: Date, signal: AbortSignal): Promise<Series> {
    const query = { start: start.toISOString(), end: end.toISOString(), step_minutes: "1" };
    return (await this.client.call<Series>(`/metrics/${metric}`, { query, signal })).value;
  }

  async devices(cursor: string | null, signal: AbortSignal): Promise<DevicePage> {
    const query = { limit: MOST_DEVICES, ...(cursor !== null && { cursor }) };
    return (await this.client.call<DevicePage>("/devices", { query, signal })).value;
  }

  async releases(cursor: string | null, signal: AbortSignal): Promise<ReleaseList> {
    const query = { limit: PAGE, ...(cursor !== null && { cursor }) };
    return (await this.client.call<ReleaseList>("/releases", { query, signal })).value;
  }

  async startRelease(body: ReleaseDraft, idempotencyKey: string): Promise<Decision> {
    return (await this.client.call<Decision>("/releases", { method: "POST", body, idempotencyKey })).value;
  }
}
