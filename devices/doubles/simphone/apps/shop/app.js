// Shop: a catalogue to search, a product's page, the cart, the checkout and the orders made.

import { h } from "../system/dom.js";
import { button, empty, field, iconButton, radio, row, screen, section, stepper, text } from "../system/parts.js";

const PAYMENTS = ["Card", "Invoice", "Cash on delivery"];
const price = (cents) => `$${(cents / 100).toFixed(2)}`;
const find = (app, id) => app.state.products.find((one) => one.id === id);
const total = (app) => app.state.cart.reduce((sum, line) => sum + line.quantity * (find(app, line.id)?.cents ?? 0), 0);
const picture = (one) => h("div", { class: "picture", style: `background:${one.color}` }, h("span", { "aria-hidden": "true" }, one.name[0]));

const cartButton = (app) => {
  const count = app.state.cart.reduce((sum, line) => sum + line.quantity, 0);
  return [count > 0 && text(count, "small", { id: "cart_count" }), iconButton("cart", `Cart, ${count} items`, () => app.go("cart"), { id: "cart" })];
};

function catalogue(app) {
  const wanted = (app.local.query ?? "").toLowerCase();
  const category = app.local.category ?? "All";
  const shown = app.state.products.filter((one) =>
    one.name.toLowerCase().includes(wanted) && (category === "All" || one.category === category));
  const categories = ["All", ...new Set(app.state.products.map((one) => one.category))];
  return screen({
    title: "Shop", actions: [iconButton("bag", "Orders", () => app.go("orders"), { id: "orders" }), cartButton(app)],
    body: [
      field({ hint: "Search products", id: "search", style: "search", action: "search", value: app.local.query ?? "",
        oninput: (query) => app.set({ query }) }),
      h("div", { class: "chips" }, categories.map((name) =>
        h("button", { class: `chip ${name === category ? "on" : ""}`, id: "chip", onclick: () => app.set({ category: name }) }, name))),
      shown.length ? h("div", { class: "goods" }, shown.map((one) =>
        h("button", { class: "good", as: "LinearLayout", desc: one.name, id: "product", "data-key": one.id, onclick: () => app.go("product", { id: one.id, quantity: 1 }) },
          picture(one), text(one.name), text(price(one.cents), "price")))) : empty("Nothing found"),
    ],
  });
}

function product(app) {
  const one = find(app, app.local.id);
  if (!one) return screen({ title: "Product", back: app.back, body: empty("This product is gone") });
  const { quantity } = app.local;
  const add = () => {
    app.save((state) => {
      const line = state.cart.find((other) => other.id === one.id);
      if (line) line.quantity += quantity;
      else state.cart.push({ id: one.id, quantity });
    });
    app.toast("Added to cart");
  };
  return screen({
    title: one.name, back: app.back, actions: cartButton(app),
    body: [
      h("div", { class: "product" }, picture(one)),
      row({ title: price(one.cents), detail: `${one.category} · ${one.stock} in stock`, id: "price" }),
      row({ title: "Quantity", end: stepper(quantity, () => app.set({ quantity: Math.max(1, quantity - 1) }),
        () => app.set({ quantity: Math.min(one.stock, quantity + 1) }), "quantity") }),
      h("div", { class: "middle" }, button("Add to cart", add, { id: "add" })),
    ],
  });
}

function cart(app) {
  const change = (line, by) => app.save((state) => {
    line.quantity += by;
    state.cart = state.cart.filter((one) => one.quantity > 0);
  });
  return screen({
    title: "Cart", back: app.back,
    body: app.state.cart.length === 0 ? empty("Your cart is empty") : [
      app.state.cart.map((line) => {
        const one = find(app, line.id);
        return row({ title: one?.name ?? line.id, detail: price((one?.cents ?? 0) * line.quantity), id: "line", key: line.id,
          end: [stepper(line.quantity, () => change(line, -1), () => change(line, 1), one?.name ?? line.id),
            iconButton("delete", `Remove ${one?.name ?? line.id}`, () => change(line, -line.quantity))] });
      }),
      text(`Total ${price(total(app))}`, "title pad", { id: "total" }),
      h("div", { class: "middle" }, button("Check out", () => app.go("checkout", { name: "", address: "", payment: "Card" }), { id: "checkout" })),
    ],
  });
}

function checkout(app) {
  const line = (key, hint) => field({ hint, id: key, value: app.local[key] ?? "", oninput: (value) => { app.local[key] = value; } });
  const payment = app.local.payment ?? "Card";
  const place = () => {
    const [name, address] = [(app.local.name ?? "").trim(), (app.local.address ?? "").trim()];
    if (!name || !address) return app.toast("Name and address are needed");
    if (!app.state.cart.length) return app.toast("The cart is empty");
    app.save((state) => {
      state.orders.push({ number: state.orders.length + 1, items: state.cart, total_cents: total(app), name, address, payment });
      state.cart = [];
    });
    app.toast("Order placed");
    app.toRoot();
    app.go("orders");
  };
  return screen({
    title: "Checkout", back: app.back,
    body: [line("name", "Full name"), line("address", "Address"), section("Payment"),
      PAYMENTS.map((name) => radio(name, name === payment, () => app.set({ payment: name }), "payment")),
      text(`Total ${price(total(app))}`, "title pad", { id: "total" }),
      h("div", { class: "middle" }, button("Place order", place, { id: "place_order" }))],
  });
}

const orders = (app) => screen({
  title: "Orders", back: app.back,
  body: app.state.orders.length ? [...app.state.orders].reverse().map((one) => row({
    title: `Order ${one.number}`, lead: "bag", id: "order", key: String(one.number),
    detail: `${price(one.total_cents)} · ${one.items.map((line) => `${line.quantity} ${find(app, line.id)?.name ?? line.id}`).join(", ")}` })) : empty("No orders yet"),
});

export default { package: "com.simphone.shop", screens: { catalogue, product, cart, checkout, orders } };
