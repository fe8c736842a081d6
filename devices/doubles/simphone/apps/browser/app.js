// Browser: one page of a server that `adb reverse` made reachable, over the whole window.

import { h } from "../system/dom.js";
import { empty } from "../system/parts.js";

const page = (app) =>
  app.local.query ? h("iframe", { id: "page", class: "page", src: app.local.query }) : empty("No page is open");

export default { package: "com.simphone.browser", screens: { page } };
