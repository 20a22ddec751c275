import { useLocation } from "preact-iso/router";
import { useState } from "preact/hooks";
import { useIdempotencyKey } from "../api/idempotency.ts";
import type { Item, LineDraft, Price, Product } from "../api/models.ts";
import { useSurroundings } from "../context.ts";
import { capital, money } from "../format.ts";
import { Field, Form } from "../ui/form.tsx";
import { Await, useLoaded } from "../ui/loading.tsx";
import { Page } from "../ui/page.tsx";
import { notify } from "../ui/toasts.tsx";
import { remember } from "./orders.tsx";

type Line = Required<LineDraft>;

export function NewOrderPage() {
  const { service } = useSurroundings();
  const wanted = useLocation().query["item"];
  const offer = useLoaded(
    async (signal) => {
      const [page, prices, item] = await Promise.all([
        service.items(null, signal, "100"),
        service.products(signal),
        wanted ? service.item(wanted, signal) : null,
      ]);
      const others = page.items.filter((each) => each.item_id !== wanted);
      return { items: item ? [item.value, ...others] : others, products: prices.products };
    },
    [wanted],
  );
  return (
    <Page title="New order">
      <Await of={offer}>
        {({ items, products }) =>
          items.length ? (
            <OrderForm items={items} products={products} />
          ) : (
            <p>
              Prints are made of items, and you have none yet. <a href="/items/new">Add one</a>
            </p>
          )
        }
      </Await>
    </Page>
  );
}

function OrderForm({ items, products }: { items: readonly Item[]; products: readonly Price[] }) {
  const { service } = useSurroundings();
  const { route } = useLocation();
  const keyFor = useIdempotencyKey();
  const fresh = (): Line => ({ item_id: items[0]!.item_id, product: products[0]!.product, quantity: 1 });
  const [lines, setLines] = useState<readonly Line[]>([fresh()]);
  const replace = (index: number, line: Line) => setLines(lines.map((old, at) => (at === index ? line : old)));

  async function place() {
    const body = { lines };
    const order = await service.createOrder(body, keyFor(body));
    remember(order);
    notify(`Your order of ${money(order.total, order.currency)} is placed.`);
    route("/orders");
  }

  return (
    <Form
      submit="Place order"
      onSubmit={place}
      aside={
        <p class="total" role="status">
          Total <strong>{money(total(lines, products), products[0]!.currency)}</strong>
        </p>
      }
    >
      <ol class="lines">
        {lines.map((line, index) => (
          <li key={index}>
            <fieldset>
              <legend>Print {index + 1}</legend>
              <LineFields
                path={`lines/${index}`}
                line={line}
                items={items}
                products={products}
                onChange={(each) => replace(index, each)}
              />
              {lines.length > 1 && (
                <button
                  type="button"
                  class="remove"
                  aria-label={`Remove print ${index + 1}`}
                  onClick={() => setLines(lines.filter((_, at) => at !== index))}
                >
                  ×
                </button>
              )}
            </fieldset>
          </li>
        ))}
      </ol>
      <button type="button" onClick={() => setLines([...lines, fresh()])}>
        Add another print
      </button>
    </Form>
  );
}

interface LineProps {
  path: string;
  line: Line;
  items: readonly Item[];
  products: readonly Price[];
  onChange: (line: Line) => void;
}

function LineFields({ path, line, items, products, onChange }: LineProps) {
  return (
    <div class="line">
      <Field name={`${path}/item_id`} label="Item">
        {(wiring) => (
          <select
            {...wiring}
            value={line.item_id}
            onChange={(event) => onChange({ ...line, item_id: event.currentTarget.value })}
          >
            {items.map((item) => (
              <option key={item.item_id} value={item.item_id}>
                {item.title}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name={`${path}/product`} label="Print as">
        {(wiring) => (
          <select
            {...wiring}
            value={line.product}
            onChange={(event) => onChange({ ...line, product: event.currentTarget.value as Product })}
          >
            {products.map(({ product, price, currency }) => (
              <option key={product} value={product}>
                {capital(product)}, {money(price, currency)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field name={`${path}/quantity`} label="Quantity">
        {(wiring) => (
          <input
            {...wiring}
            type="number"
            min={1}
            max={1000}
            required
            value={line.quantity}
            onInput={(event) => onChange({ ...line, quantity: event.currentTarget.valueAsNumber || 0 })}
          />
        )}
      </Field>
    </div>
  );
}

/** In cents while it is added up: fractions of numbers do not add up exactly. */
function total(lines: readonly Line[], products: readonly Price[]): number {
  const cents = new Map(products.map(({ product, price }) => [product, Math.round(Number(price) * 100)]));
  return lines.reduce((sum, { product, quantity }) => sum + (cents.get(product) ?? 0) * quantity, 0) / 100;
}
