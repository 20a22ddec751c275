import { LocationProvider, Route, Router, useLocation } from "preact-iso/router";
import { useEffect, useState } from "preact/hooks";
import { useSurroundings, useWired } from "./context.ts";
import { GalleryPage } from "./pages/gallery.tsx";
import { EditItemPage, NewItemPage } from "./pages/item-edit.tsx";
import { ItemPage } from "./pages/item.tsx";
import { LivePage } from "./pages/live.tsx";
import { NewOrderPage } from "./pages/order-new.tsx";
import { OrdersPage } from "./pages/orders.tsx";
import { PreferencesPage } from "./pages/preferences.tsx";
import { ReleasesPage } from "./pages/releases.tsx";
import { SignInPage } from "./pages/sign-in.tsx";
import { Header } from "./ui/header.tsx";
import { Page } from "./ui/page.tsx";
import { Toasts } from "./ui/toasts.tsx";

/** Everything, for those who are signed in; the way in for others, who come back to the page that they asked for. */
export function App() {
  const { session } = useSurroundings();
  const [email, setEmail] = useState(session.email);
  useEffect(() => session.subscribe(() => setEmail(session.email)), []);
  return (
    <LocationProvider>
      <a class="skip" href="#main">
        Skip to content
      </a>
      {email && <Header email={email} />}
      <main id="main" tabIndex={-1}>
        {email ? <Pages key={email} /> : <SignInPage />}
      </main>
      <Toasts />
    </LocationProvider>
  );
}

function Pages() {
  const shop = useWired("shop");
  const metrics = useWired("metrics");
  const releases = useWired("releases");
  return (
    <Router>
      <Route path="/" component={GalleryPage} />
      <Route path="/items/new" component={NewItemPage} />
      <Route path="/items/:id" component={ItemPage} />
      <Route path="/items/:id/edit" component={EditItemPage} />
      <Route path="/preferences" component={PreferencesPage} />
      <Route path="/orders" component={shop ? OrdersPage : NothingHerePage} />
      <Route path="/orders/new" component={shop ? NewOrderPage : NothingHerePage} />
      <Route path="/live" component={metrics ? LivePage : NothingHerePage} />
      <Route path="/releases" component={releases ? ReleasesPage : NothingHerePage} />
      <Route default component={NothingHerePage} />
    </Router>
  );
}

function NothingHerePage() {
  const { path } = useLocation();
  return (
    <Page title="Nothing here">
      <p>
        There is no page <code>{path}</code>. <a href="/">Go to the gallery</a>
      </p>
    </Page>
  );
}
