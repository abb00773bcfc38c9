// The console: one page that shows the overview of the bridge, each second. It has no library and no build step.
// Everything that comes from the bridge goes into the page as text, never as HTML: clients and TWS choose these texts.
"use strict";

const $ = (id) => document.getElementById(id);
const TOKEN_KEY = "tws-bridge-token";
const OLD_AFTER = 5000; // ms without news
const HISTORY = 600; // points of a plot
const FEW_STREAMS = 25;
const SVG = "http://www.w3.org/2000/svg";

const page = { token: sessionStorage.getItem(TOKEN_KEY), told: null, news: performance.now(), began: performance.now(),
  isOld: false, isLate: false, mayOperate: false, allStreams: false, spoken: "", asked: "halt" };

// Texts

const two = (number) => String(number).padStart(2, "0");
const date = (ns) => new Date(ns / 1e6);
function clock(ns) {
  const at = date(ns);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
}
function moment(ns, now) {
  const day = date(ns).toISOString().slice(0, 10);
  return day === date(now).toISOString().slice(0, 10) ? `${clock(ns)} UTC` : `${day} ${clock(ns)} UTC`;
}
function span(seconds) {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h ${Math.round(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}
const figure = (number) => number === null || number === undefined ? "–" : number.toLocaleString("en", { maximumFractionDigits: 1 });
const plural = (count, one, many) => `${figure(count)} ${count === 1 ? one : many}`;

// Writing into the page: only what has changed

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
function mark(node, name) {
  if (node.className !== name) node.className = name;
}
function resize(parent, count, make) {
  while (parent.children.length > count) parent.lastElementChild.remove();
  while (parent.children.length < count) parent.append(make());
}
function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

/** Write a sentence in which backticks mark code. */
function prose(node, text) {
  if (node.textContent === text.replaceAll("`", "")) return;
  node.replaceChildren(...text.split("`").map((part, index) => element(index % 2 ? "code" : "span", "", part)));
}

/** Fill a table's body. A row is an array of cells `[text, class]`; `none` is said, without heads, if there are no rows. */
function fill(body, rows, none) {
  body.parentElement.classList.toggle("empty", rows.length === 0);
  if (body.dataset.none !== String(rows.length === 0)) {
    body.dataset.none = String(rows.length === 0);
    body.replaceChildren();
  }
  if (rows.length === 0) {
    if (body.children.length) return;
    const row = element("tr", "none"), cell = element("td", "", none);
    cell.colSpan = body.parentElement.tHead.rows[0].cells.length;
    row.append(cell);
    body.append(row);
    return;
  }
  resize(body, rows.length, () => element("tr"));
  const heads = body.parentElement.tHead.rows[0].cells;
  rows.forEach((cells, index) => {
    const row = body.children[index];
    resize(row, cells.length, () => {
      const cell = element("td");
      cell.dataset.label = heads[row.children.length].textContent;
      return cell;
    });
    cells.forEach(([text, name], place) => {
      write(row.children[place], text);
      mark(row.children[place], name || "");
    });
  });
}
function chips(list, items, none) {
  const shown = items.length ? items : [[none, ""]];
  resize(list, shown.length, () => element("li"));
  shown.forEach(([text, name], index) => {
    write(list.children[index], text);
    mark(list.children[index], name);
  });
}
/** Fill a list of `{name, used, most, note}` with bars. */
function meters(list, items, none) {
  const key = items.length ? "meter" : "text";
  if (list.dataset.key !== key) {
    list.dataset.key = key;
    list.replaceChildren();
  }
  if (!items.length) {
    resize(list, 1, () => element("li"));
    write(list.firstElementChild, none);
    return;
  }
  resize(list, items.length, () => {
    const item = element("li"), bar = element("meter");
    item.append(element("span"), element("span", "n"), bar);
    return item;
  });
  items.forEach(({ name, used, most, note }, index) => {
    const [label, value, bar] = list.children[index].children;
    const shown = /bytes/i.test(name) ? (bytes) => `${figure(bytes / 1048576)} MiB` : figure;
    const text = most === undefined || most === null ? shown(used) : `${shown(used)} of ${shown(most)}`;
    write(label, name);
    write(value, note ? `${text}, ${note}` : text);
    bar.hidden = !most;
    if (!most) return mark(value, note ? "n warn" : "n");
    bar.max = most; bar.value = used; bar.high = most * 0.9; bar.low = most * 0.75; bar.optimum = 0;
    bar.setAttribute("aria-label", `${name}: ${text}`);
    mark(value, used >= most ? "n bad" : used >= most * 0.75 || note ? "n warn" : "n");
  });
}

// The parts of the page

function showVerdict(told) {
  const verdict = told.verdict, no = !verdict.trading;
  mark($("verdict"), `card verdict ${no ? "no" : "yes"}`);
  write($("word"), no ? "no" : "yes");
  write($("since"), `since ${moment(verdict.since, told.ts)}, for ${span((told.ts - verdict.since) / 1e9)}`);
  write($("because"), no ? `Because: ${verdict.because} (${verdict.code})` : `TWS takes orders${told.accounts.length ? ` for ${told.accounts.join(", ")}` : ""}.`);
  $("do").hidden = !no;
  prose($("do"), no ? `What to do: ${verdict.remedy}` : "");
  resize($("also"), verdict.also.length, () => {
    const item = element("li");
    item.append(element("strong"), element("span"));
    return item;
  });
  verdict.also.forEach((other, index) => {
    const [head, rest] = $("also").children[index].children;
    write(head, `Also: ${other.because} (${other.code}). `);
    prose(rest, other.remedy);
  });
  document.title = `${no ? "NO" : "yes"} · tws-bridge`;
  const halted = told.trading.halted;
  $("actions").hidden = !page.mayOperate;
  $("by-hand").hidden = page.mayOperate;
  $("resume").hidden = !("admin" in told.trading.reasons);
  mark($("halt"), halted ? "" : "danger");
  write($("halt"), halted ? "Change the reason of the halt …" : "Halt trading …");
  say(no ? `Trading: no, because ${verdict.because}. What to do: ${verdict.remedy}` : "Trading: yes");
}
function say(text) {
  if (text === page.spoken) return;
  page.spoken = text;
  write($("say"), text);
}

const openOrders = (told) => Object.values(told.orders.byState).reduce((sum, count) => sum + count, 0);
function showOrders(told) {
  const orders = told.orders;
  write($("doubt-count"), orders.inDoubtCount > orders.inDoubt.length ? `${figure(orders.inDoubtCount)}, the oldest ${orders.inDoubt.length} of them` : figure(orders.inDoubtCount));
  mark($("doubt-count"), orders.inDoubtCount ? "bad" : "good");
  $("doubt-box").hidden = !orders.inDoubtCount;
  fill($("doubt"), orders.inDoubt.map((one) => [
    [one.orderKey, "id"], [one.client, "id"],
    [one.isDoubled ? "doubled" : one.change === "unknown" ? `${one.state}, change unknown` : one.state, "bad"],
    [span(one.age), "n"], [one.reason || "TWS has not said what became of it", "long"],
  ]), "none");
  write($("open-count"), figure(openOrders(told)));
  const states = Object.entries(orders.byState).sort((a, b) => (b[0] === "unknown") - (a[0] === "unknown") || b[1] - a[1]);
  chips($("order-states"), states.map(([state, count]) => [`${state} ${figure(count)}`, state === "unknown" || state === "notFound" ? "bad" : ""]), "none");
  const log = told.orderLog;
  write($("order-memory"), log.failure ? `Order log: ${log.failure}` : log.unwritten
    ? `Order log: ${plural(log.unwritten, "event waits", "events wait")} for the disk.` : "Order log: all events are on disk.");
  mark($("order-memory"), log.failure ? "bad" : "small");
}

const LINK_WORDS = { degraded: "TWS without IBKR", backingOff: "down, waiting to try again", lost: "down", connecting: "down, connecting",
  handshaking: "connected, waiting for TWS to answer", starting: "connected, waiting for accounts" };
/** Why there is no connection. The bridge says how long it waits when it begins to wait; the page counts down. */
function countedDown(link, now) {
  const left = (seconds) => Math.max(0, seconds - (now - link.since) / 1e9);
  return link.reason && link.reason.replace(/^next attempt in ([\d.]+) s; /, (_, seconds) => `next attempt in ${span(left(Number(seconds)))}; `);
}
function showConnection(told) {
  const link = told.connection;
  write($("connection-state"), LINK_WORDS[link.state] || link.state);
  mark($("connection-state"), link.state === "ready" ? "good" : link.state === "degraded" ? "warn" : "bad");
  const facts = [`client id ${link.clientId}`, link.serverVersion && `server version ${link.serverVersion}`,
    `since ${moment(link.since, told.ts)}`, link.state !== "ready" && countedDown(link, told.ts)];
  write($("connection-facts"), facts.filter(Boolean).join(" · "));
  const words = { degraded: "TWS without IBKR" };
  const spans = told.timeline.map((one) => ({ ...one, end: one.until || told.ts }));
  const svg = $("day");
  resize(svg, spans.length + 1, () => document.createElementNS(SVG, "rect"));
  const minute = (ns) => 1440 - (told.ts - ns) / 60e9;
  // Short spans get a width that can be seen, and those that are not ready lie on top.
  const drawn = [...spans].sort((a, b) => (a.phase !== "ready") - (b.phase !== "ready"));
  drawn.forEach((one, index) => {
    const bar = svg.children[index + 1], from = Math.min(1436, Math.max(0, minute(one.since)));
    bar.setAttribute("class", one.phase);
    bar.setAttribute("x", from.toFixed(2));
    bar.setAttribute("y", "0");
    bar.setAttribute("height", "40");
    bar.setAttribute("width", Math.max(4, minute(one.end) - from).toFixed(2));
  });
  const down = spans.filter((one) => one.phase !== "ready").reduce((sum, one) => sum + (one.end - Math.max(one.since, told.ts - 864e11)), 0) / 1e9;
  write($("day-text"), `The connection in the last 24 hours: ${plural(spans.filter((one) => one.phase !== "ready").length, "time", "times")} not ready, together ${span(down)}`);
  write($("day-from"), "24 h ago");
  fill($("spans"), spans.slice(-8).reverse().map((one) => [
    [moment(one.since, told.ts), "t"], [span((one.end - one.since) / 1e9), "n"],
    [words[one.phase] || one.phase, one.phase === "ready" ? "good" : one.phase === "degraded" ? "warn" : "bad"],
    [[one.planned && `planned: ${one.planned}`, one.lastReason, one.phase === "down" && one.attempts > 1 && plural(one.attempts, "attempt", "attempts")].filter(Boolean).join("; "), "long"],
  ]), "nothing yet");
  const rank = { broken: 0, ok: 2, inactive: 3 };
  const farms = [...told.farms].sort((a, b) => (rank[a.state] ?? 1) - (rank[b.state] ?? 1));
  chips($("farms"), farms.map((one) => [`${one.farm} (${one.kind}): ${one.state}${one.state === "broken" ? ` for ${span((told.ts - one.since) / 1e9)}` : ""}`, one.state === "broken" ? "bad" : one.state === "ok" || one.state === "inactive" ? "" : "warn"]), "TWS has named none");
}

function showClients(told) {
  const clients = [...told.clients].sort((a, b) => b.orderLog.unwritten - a.orderLog.unwritten || a.client.localeCompare(b.client));
  write($("client-count"), figure(clients.length));
  fill($("clients"), clients.map((one) => [
    [one.client, "id name"], [one.connections > 1 ? `${one.state}, ${one.connections} connections share the name` : one.state, one.state === "present" && !(one.connections > 1) ? "" : "warn"],
    [span(one.silentFor), "n"], [figure(one.streams.length), "n"], [figure(one.openOrders), "n"],
    [`${figure(one.orderLog.head)}${one.orderLog.unwritten ? ` + ${figure(one.orderLog.unwritten)}` : ""}`, one.orderLog.unwritten ? "n warn" : "n"],
    [figure(one.requests), "n"],
  ]), "no clients");
}

const WORST = { lost: 0, doubtful: 1, cut: 2, asking: 3, new: 4, live: 5, ended: 6 };
const silence = (one) => one.age === null ? -1 : one.age;
function showStreams(told) {
  const wanted = $("stream-filter").value.trim().toLowerCase();
  const has = (one) => !wanted || one.topic.toLowerCase().includes(wanted) || one.state.includes(wanted) || one.clients.some((name) => name.toLowerCase().includes(wanted));
  const found = told.streams.filter(has).sort((a, b) => WORST[a.state] - WORST[b.state] || silence(b) - silence(a));
  const shown = page.allStreams ? found : found.slice(0, FEW_STREAMS);
  const rate = told.streams.reduce((sum, one) => sum + (one.rate || 0), 0);
  const worse = told.streams.filter((one) => WORST[one.state] < 3).length;
  write($("stream-count"), `${figure(told.streams.length)}, ${figure(Math.round(rate))} events/s${worse ? `, ${figure(worse)} without current data` : ""}`);
  const state = (one) => WORST[one.state] < 3 ? "bad" : one.state === "live" ? "good" : "warn";
  fill($("streams"), shown.map((one) => [
    [one.topic, "id"], [one.state, state(one)], [one.age === null ? "no event yet" : span(one.age), "n"],
    [figure(one.rate), "n"], [one.method, ""], [holders(one), "long"],
  ]), wanted ? "no stream matches" : "no streams");
  write($("streams-more"), found.length > shown.length ? `The worst ${shown.length} of ${figure(found.length)}.` : "");
  $("stream-all").hidden = found.length <= FEW_STREAMS;
  write($("stream-all"), page.allStreams ? `Show the worst ${FEW_STREAMS}` : `Show all ${figure(found.length)}`);
}
function holders(one) {
  const names = one.clients.slice(0, 4).join(", ") + (one.clients.length > 4 ? ` and ${one.clients.length - 4} more` : "");
  return one.waiting ? `${names}${names ? "; " : ""}${one.waiting} waiting` : names;
}

const LANE_WORDS = { cancels: "cancels", orders: "orders", rest: "other messages", releases: "messages that end streams" };
const BOUND_WORDS = (name) => name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
const NEAR = 0.5; // of a bound: the page shows it from here on
function showBudgets(told) {
  const pacing = told.pacing;
  meters($("pacing"), [
    { name: "messages to TWS in the last second", used: pacing.sent, most: pacing.limit },
    ...told.lines.map((one) => ({ name: `lines: ${BOUND_WORDS(one.line)}`, used: one.used, most: one.limit })),
  ], "");
  const lanes = Object.entries(pacing.lanes).filter(([, depth]) => depth).map(([lane, depth]) => `${figure(depth)} ${LANE_WORDS[lane] || lane}`);
  write($("lanes"), `${lanes.length ? `Wait for room: ${lanes.join(", ")}.` : "No message waits for room."}${
    pacing.waitingRequests ? ` ${plural(pacing.waitingRequests, "request of a client waits", "requests of clients wait")}.` : ""}`);
  const share = (one) => one.most ? one.used / one.most : 0;
  meters($("client-limits"), told.clientLimits.map((one) => ({ name: `${one.client}: ${one.limit}`, used: one.used, most: one.most }))
    .sort((a, b) => share(b) - share(a)), "The configuration limits no client.");
  const bounds = told.limits.filter((one) => one.refused || one.most && one.used >= NEAR * one.most).map((one) => ({
    name: BOUND_WORDS(one.bound), used: one.used ?? 0, most: one.most, note: one.refused ? `${figure(one.refused)} refused` : "" }));
  meters($("bounds"), bounds.sort((a, b) => !!b.note - !!a.note || share(b) - share(a)).slice(0, 10), "None is near: less than half of each is in use, and none has refused anything.");
}

function showPast(told) {
  const times = (one) => one.count > 1 ? ` (${figure(one.count)} times)` : "";
  write($("refusal-count"), told.refusals.length ? figure(told.refusals.length) : "");
  fill($("refusals"), told.refusals.map((one) => [
    [clock(one.ts), "t"], [one.client || "–", "id name"], [one.method || "–", ""],
    [`${one.code}${one.rule ? ` (${one.rule})` : ""}: ${one.message}${times(one)}`, "long"],
  ]), "none");
  write($("notice-count"), told.notices.length ? figure(told.notices.length) : "");
  fill($("notices"), told.notices.map((one) => [[clock(one.ts), "t"], [String(one.code), "n"], [one.text + times(one), "long"]]), "none");
}

// Plots

const mean = (now, before) => now.count > before.count ? 1000 * (now.sum - before.sum) / (now.count - before.count) : null;
const PLOTS = [
  { name: "Events published", unit: "/s", of: (now, before, seconds) => (now.events - before.events) / seconds },
  { name: "Messages to TWS", unit: "/s", of: (now, before, seconds) => (now.sent - before.sent) / seconds },
  { name: "From TWS to publication, mean", unit: "ms", of: (now, before) => mean(now.publishLag, before.publishLag) },
  { name: "Order: from client to TWS, mean", unit: "ms", isRare: true, of: (now, before) => mean(now.orderSent, before.orderSent) },
  { name: "Order: until TWS's first word, mean", unit: "ms", isRare: true, of: (now, before) => mean(now.orderAnswered, before.orderAnswered) },
];
function makePlots() {
  for (const plot of PLOTS) {
    plot.points = [];
    const box = element("div", "plot"), top = element("div", "top");
    plot.now = element("b");
    plot.most = element("div", "most");
    plot.svg = document.createElementNS(SVG, "svg");
    plot.svg.setAttribute("viewBox", "0 0 600 90");
    plot.svg.setAttribute("preserveAspectRatio", "none");
    plot.svg.setAttribute("role", "img");
    plot.svg.setAttribute("aria-label", `${plot.name}: nothing yet`);
    plot.svg.toggleAttribute("hidden", true);
    plot.path = document.createElementNS(SVG, "path");
    plot.svg.append(plot.path);
    top.append(element("span", "", plot.name), plot.now);
    box.append(top, plot.most, plot.svg);
    $("plots").append(box);
  }
}
let before = null;
function showPlots(told) {
  const last = before;
  before = told;
  if (last === null) return;
  if (last.epoch !== told.epoch || told.ts <= last.ts) return PLOTS.forEach((plot) => { plot.points = []; });
  for (const plot of PLOTS) {
    plot.points.push({ ts: told.ts, value: plot.of(told.meters, last.meters, (told.ts - last.ts) / 1e9) });
    while (plot.points.length && (plot.points.length > HISTORY || plot.points[0].ts < told.ts - HISTORY * 1e9)) plot.points.shift();
    draw(plot, told.ts);
  }
}
function draw(plot, now) {
  const known = plot.points.filter((one) => one.value !== null);
  const most = known.reduce((top, one) => Math.max(top, one.value), 0);
  const window = Math.max(60, (now - plot.points[0].ts) / 1e9);
  let path = "", isOn = false;
  for (const one of plot.points) {
    if (one.value === null) { isOn = plot.isRare && isOn; continue; }
    const x = 600 - 600 * (now - one.ts) / 1e9 / window, y = 87 - (most ? 82 * one.value / most : 0);
    path += `${isOn ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}${isOn ? "" : "h0.8"}`;
    isOn = true;
  }
  plot.path.setAttribute("d", path);
  plot.svg.toggleAttribute("hidden", !known.length);
  const newest = known.length ? known[known.length - 1].value : null;
  const text = newest === null ? "–" : `${value(newest)} ${plot.unit}`;
  write(plot.now, text);
  write(plot.most, known.length ? `highest ${value(most)} ${plot.unit}, over ${span(window)}` : "nothing yet");
  plot.svg.setAttribute("aria-label", `${plot.name}: now ${text}, highest ${value(most)} ${plot.unit}`);
}
const value = (number) => number >= 100 ? figure(Math.round(number)) : number.toLocaleString("en", { maximumSignificantDigits: 2 });

function show(told) {
  page.told = told;
  $("login").hidden = true;
  $("all").hidden = false;
  write($("where"), [told.version, told.accounts.join(", ") || "no accounts yet", `started ${moment(told.started, told.ts)}`, `now ${clock(told.ts)} UTC`].join(" · "));
  showVerdict(told);
  showOrders(told);
  showConnection(told);
  showPlots(told);
  showClients(told);
  showStreams(told);
  showBudgets(told);
  showPast(told);
}

// News

/** Say that the data are old. The seconds change each second; a screen reader hears it once. */
function watch() {
  const silent = performance.now() - page.news;
  const isOld = silent >= OLD_AFTER && $("login").hidden;
  $("old").hidden = !isOld;
  document.body.classList.toggle("is-old", isOld && page.told !== null);
  if (isOld) {
    const why = page.isLate ? "The bridge's event loop does not answer" : "No news from the bridge";
    write($("old-text"), `${why} for ${Math.round(silent / 1000)} s.`);
    document.title = "OLD · tws-bridge";
    say(`${why}. All data are old.`);
    if (page.told) write($("word"), `unknown; the last news: ${page.told.verdict.trading ? "yes" : "no"}`);
  }
  $("old").lastElementChild.lastElementChild.hidden = page.told === null;
}

function headers() {
  return page.token ? { Authorization: `Bearer ${page.token}` } : {};
}
function take(event, data) {
  if (event === "server") page.mayOperate = JSON.parse(data).mayOperate;
  page.isLate = event === "late";
  if (event !== "overview") return;
  page.news = performance.now();
  show(JSON.parse(data));
  watch();
}
/** Read server-sent events until they end. `fetch` instead of EventSource, because that cannot send the token. */
async function listen() {
  const ending = new AbortController();
  let heard = performance.now();
  const guard = setInterval(() => performance.now() - heard > 15000 && ending.abort(), 1000);
  try {
    const answer = await fetch("api/events", { headers: headers(), signal: ending.signal, cache: "no-store" });
    if (answer.status === 401) return askForToken();
    if (!answer.ok) return;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value: text, done } = await reader.read();
      if (done) return;
      heard = performance.now();
      rest += text;
      let end;
      while ((end = rest.indexOf("\n\n")) >= 0) {
        const lines = rest.slice(0, end).split("\n");
        rest = rest.slice(end + 2);
        const field = (name) => lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)).join("\n");
        take(field("event"), field("data"));
      }
    }
  } catch (error) {
    if (!(error instanceof TypeError) && error.name !== "AbortError") throw error; // a TypeError: the network
  } finally {
    clearInterval(guard);
    ending.abort();
  }
}
async function follow() {
  for (;;) {
    try { await listen(); } catch (error) { console.error(error); }
    await new Promise((again) => setTimeout(again, 1000));
  }
}

// The token

let tokenGiven = null;
function askForToken() {
  write($("login-wrong"), page.token ? "The bridge does not know this token." : "");
  page.token = null;
  sessionStorage.removeItem(TOKEN_KEY);
  $("login").hidden = false;
  $("all").hidden = true;
  $("old").hidden = true;
  $("token").value = "";
  $("token").focus();
  document.title = "Token · tws-bridge";
  return new Promise((given) => { tokenGiven = given; });
}
$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  page.token = $("token").value.trim();
  if (!/^[\x21-\x7e]+$/.test(page.token)) return write($("login-wrong"), "A token has letters, digits and -._~+/= only.");
  sessionStorage.setItem(TOKEN_KEY, page.token);
  page.news = performance.now();
  $("login").hidden = true;
  if (tokenGiven) tokenGiven();
});

// Halt and resume

function ask(method) {
  page.asked = method;
  const open = page.told ? openOrders(page.told) : 0;
  const isHalt = method === "halt";
  const accounts = page.told && page.told.accounts.length ? page.told.accounts.join(", ") : "all accounts";
  write($("confirm-head"), isHalt ? "Halt trading?" : "Resume trading?");
  write($("confirm-text"), isHalt
    ? `The bridge refuses new orders of all clients for ${accounts} until somebody resumes. Cancels go through. ${plural(open, "open order stays", "open orders stay")} at TWS.`
    : `Trading is halted: ${page.told ? Object.values(page.told.trading.reasons).join("; ") : "?"}. From now on clients can place orders for ${accounts} again.`);
  $("reason-line").hidden = !isHalt;
  $("reason").required = isHalt;
  $("reason").value = "";
  write($("confirm-yes"), isHalt ? "Halt trading" : "Resume trading");
  mark($("confirm-yes"), isHalt ? "danger" : "main");
  write($("confirm-wrong"), "");
  $("confirm-yes").disabled = false;
  $("confirm").showModal();
  (isHalt ? $("reason") : $("confirm-no")).focus();
}
async function operate() {
  const body = page.asked === "halt" ? { reason: $("reason").value.trim() } : {};
  $("confirm-yes").disabled = true;
  try {
    const answer = await fetch(`api/${page.asked}`, { method: "POST", body: JSON.stringify(body), cache: "no-store",
      headers: { ...headers(), "Content-Type": "application/json", "X-TWS-Bridge": "console" } });
    const told = await answer.json();
    if (answer.ok && told.stored) return $("confirm").close();
    if (answer.ok) return write($("confirm-wrong"), `Done, but not on disk: ${told.notStored}`);
    write($("confirm-wrong"), `The bridge answers: ${told.error}`);
  } catch (error) {
    write($("confirm-wrong"), `No answer from the bridge (${error.message}). Look at the verdict before you try again.`);
  } finally {
    $("confirm-yes").disabled = false;
  }
}
$("halt").addEventListener("click", () => ask("halt"));
$("resume").addEventListener("click", () => ask("resume"));
$("confirm-no").addEventListener("click", () => $("confirm").close());
$("confirm-form").addEventListener("submit", (event) => {
  event.preventDefault();
  operate();
});

// Topics and streams

$("topics-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = $("topics-told");
  write(told, "Asking …");
  try {
    const answer = await fetch(`api/topics?prefix=${encodeURIComponent($("prefix").value.trim())}`, { headers: headers(), cache: "no-store" });
    const found = await answer.json();
    if (!answer.ok) return write(told, `The bridge answers: ${found.error}`);
    showTopics(found);
  } catch (error) {
    write(told, `No answer from the bridge (${error.message}).`);
  }
});
function showTopics(found) {
  const now = page.told ? page.told.ts : Date.now() * 1e6, rows = [];
  for (const topic of found.topics) {
    const age = (ts) => ts ? span((now - ts) / 1e9) : "–";
    if (!topic.values.length) rows.push([[topic.topic, "id"], [figure(topic.seq), "n"], [age(topic.ts), "n"], ["keeps no value", "small"]]);
    topic.values.forEach((one, index) => rows.push([
      [index ? "" : topic.topic, "id"], [index ? "" : figure(topic.seq), "n"], [age(one.ts), "n"],
      [`${one.stale ? "stale: " : ""}${one.json}${one.cut ? " …" : ""}`, one.stale ? "json warn" : "json"]]));
    const more = topic.kept - topic.values.length;
    if (more > 0) rows.push([["", ""], ["", ""], ["", ""], [`and ${plural(more, "value", "values")} more`, "small"]]);
  }
  fill($("topics"), rows, "no topic begins with this");
  $("topics-box").hidden = false;
  write($("topics-told"), `${plural(found.topics.length, "topic", "topics")} at ${clock(now)} UTC${found.cut ? "; there may be more: take a longer prefix" : ""}.`);
}
$("stream-filter").addEventListener("input", () => page.told && showStreams(page.told));
$("stream-all").addEventListener("click", () => {
  page.allStreams = !page.allStreams;
  $("stream-all").setAttribute("aria-pressed", String(page.allStreams));
  if (page.told) showStreams(page.told);
});

makePlots();
setInterval(watch, 500);
follow();
