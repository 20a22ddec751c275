import { useEffect } from "preact/hooks";
import type { Order } from "../api/models.ts";
import { useSurroundings } from "../context.ts";
import { capital, moment, money, number, plural } from "../format.ts";
import { Await, useLoaded } from "../ui/loading.tsx";
import { Page } from "../ui/page.tsx";

/** Placed here, and perhaps not yet in the list, which follows within seconds. */
const justPlaced: Order[] = [];

export function remember(order: Order): void {
  justPlaced.unshift(order);
}

const LOOK_AGAIN_SECONDS = 2;

export function OrdersPage() {
  const { service } = useSurroundings();
  const list = useLoaded((signal) => service.orders(signal), []);
  const listed = new Set(list.value?.orders.map((order) => order.order_id));
  const missing = justPlaced.filter((order) => !listed.has(order.order_id));

  useEffect(() => {
    if (!list.value || !missing.length) return;
    const timer = setTimeout(list.again, LOOK_AGAIN_SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [list.value]);

  return (
    <Page
      title="Orders"
      actions={
        <a class="button primary" href="/orders/new">
          New order
        </a>
      }
    >
      <Await of={list}>
        {({ orders, totals }) => (
          <>
            {missing.length + orders.length === 0 && (
              <div class="empty">
                <p>You have ordered nothing yet.</p>
                <p>
                  <a href="/orders/new">Order your first prints</a>
                </p>
              </div>
            )}
            <ul class="orders">
              {[...missing, ...orders].map((order) => (
                <li key={order.order_id}>
                  <Placed order={order} />
                </li>
              ))}
            </ul>
            {totals.length > 0 && (
              <section aria-labelledby="totals">
                <h2 id="totals">By day</h2>
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Day (UTC)</th>
                      <th scope="col" class="number">
                        Orders
                      </th>
                      <th scope="col" class="number">
                        Total
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {totals.map((total) => (
                      <tr key={`${total.day} ${total.currency}`}>
                        <th scope="row">{total.day}</th>
                        <td class="number">{number(total.orders)}</td>
                        <td class="number">{money(total.revenue, total.currency)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </section>
            )}
          </>
        )}
      </Await>
    </Page>
  );
}

function Placed({ order }: { order: Order }) {
  const prints = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  return (
    <article class="order" aria-label={`Order of ${moment(order.placed_at)}`}>
      <div class="order-head">
        <h2>{moment(order.placed_at)}</h2>
        <span class="badge">{order.status}</span>
        <strong>{money(order.total, order.currency)}</strong>
      </div>
      <details>
        <summary>{plural(prints, "print")}</summary>
        <ul>
          {order.lines.map((line, index) => {
            const [product = "", itemId] = line.sku.split(":");
            return (
              <li key={index}>
                {number(line.quantity)} × {capital(product)}, {money(line.unit_price, order.currency)} each,{" "}
                <a href={`/items/${itemId}`}>of this item</a>
              </li>
            );
          })}
        </ul>
      </details>
    </article>
  );
}
