// A chat in any web page:
//   <script src="https://YOUR-SERVER/widget.js" data-key="zkp-…" defer></script>
// Optional: data-assistant (who answers, by name; its greeting unless there is a data-greeting), data-title, data-greeting, data-lang ("zh" or "en"; without it the page's), data-color.
// What comes from the server is put into the page as text, never as markup.
(() => {
  "use strict";
  const tag = document.currentScript;
  const server = new URL(tag.src).origin;
  const told = tag.dataset;
  const zh = (told.lang || document.documentElement.lang || navigator.language || "en").toLowerCase().startsWith("zh");
  const say = (en, chinese) => (zh ? chinese : en);
  const history = [];
  let asking = null;

  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; font: 15px/1.5 system-ui, sans-serif; }
    .open { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; border: 0; border-radius: 24px;
      padding: 12px 20px; color: #fff; background: var(--color); cursor: pointer; box-shadow: 0 2px 12px #0004; }
    .panel { position: fixed; right: 20px; bottom: 20px; z-index: 2147483001; display: flex; flex-direction: column;
      width: min(380px, calc(100vw - 40px)); height: min(560px, calc(100vh - 40px)); overflow: hidden;
      color: #1a1a1a; background: #fff; border-radius: 12px; box-shadow: 0 4px 24px #0005; }
    [hidden] { display: none !important; }
    header { display: flex; justify-content: space-between; align-items: center; padding: 10px 14px; color: #fff;
      background: var(--color); }
    header b { font-weight: 600; }
    header button { border: 0; color: inherit; background: none; font-size: 20px; cursor: pointer; }
    .said { flex: 1; overflow-y: auto; padding: 14px; }
    .said p { margin: 0 0 10px; padding: 8px 12px; border-radius: 10px; white-space: pre-wrap; overflow-wrap: anywhere; }
    .mine { margin-left: 40px !important; background: #e8eef7; }
    .theirs { margin-right: 20px !important; background: #f3f3f3; }
    .draft { color: #777; font-style: italic; }
    details { margin: -4px 20px 12px 4px; font-size: 13px; color: #555; }
    details * { font-size: 13px; }
    blockquote { margin: 6px 0; padding-left: 8px; border-left: 3px solid var(--color); overflow-wrap: anywhere; }
    form { display: flex; gap: 8px; padding: 10px; border-top: 1px solid #ddd; }
    form.person { flex-direction: column; }
    input { flex: 1; min-width: 0; padding: 8px 10px; border: 1px solid #bbb; border-radius: 8px; }
    form button { padding: 8px 14px; border: 0; border-radius: 8px; color: #fff; background: var(--color); cursor: pointer; }
    .link { padding: 4px 14px; border: 0; color: #555; background: none; text-align: left; cursor: pointer;
      text-decoration: underline; font-size: 13px; }`;

  const make = (name, options = {}, ...children) => {
    const made = Object.assign(document.createElement(name), options);
    made.append(...children);
    return made;
  };
  const post = (path, body, signal) =>
    fetch(`${server}/widget/${path}?key=${encodeURIComponent(told.key)}`, {
      method: "POST",
      headers: { "Content-Type": "text/plain", "Accept-Language": zh ? "zh" : "en" },
      body: JSON.stringify(body),
      signal,
    });

  const host = make("div", { id: "zhiku-widget" });
  const root = host.attachShadow({ mode: "open" });
  const color = told.color || "#1f5fa8";
  host.style.setProperty("--color", CSS.supports("color", color) ? color : "#1f5fa8");
  const title = told.title || say("Ask us", "在线咨询");
  const said = make("div", { className: "said" });
  said.setAttribute("aria-live", "polite");
  const input = make("input", { placeholder: say("Your question", "请输入问题"), maxLength: 2000, autocomplete: "off" });
  const send = make("button", { textContent: say("Send", "发送") });
  const form = make("form", {}, input, send);
  const close = make("button", { textContent: "×", title: say("Close", "关闭") });
  const toPerson = make("button", { className: "link", hidden: true, textContent: say("Talk to a person", "转人工") });
  const contact = make("input", { placeholder: say("How can we reach you?", "请留下您的联系方式"), maxLength: 200 });
  const person = make("form", { className: "person", hidden: true }, contact,
    make("button", { textContent: say("Send", "发送") }));
  const panel = make("section", { className: "panel", hidden: true },
    make("header", {}, make("b", { textContent: title }), close), said, toPerson, person, form);
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", title);
  const open = make("button", { className: "open", textContent: title });
  root.append(make("style", { textContent: STYLE }), open, panel);

  const add = (text, name) => {
    const line = make("p", { className: name, textContent: text });
    said.append(line);
    said.scrollTop = said.scrollHeight;
    return line;
  };
  const cite = (citations) => {
    if (!citations.length) return;
    const list = make("details", {}, make("summary", { textContent: say("Sources", "出处") }));
    for (const one of citations)
      list.append(make("blockquote", { textContent: `[${one.n}] ${one.document}, ${one.place}: ${one.quote}` }));
    said.append(list);
  };
  const trouble = async (reply) => {
    try {
      const problem = await reply.json();
      return [problem.detail, problem.hint].filter(Boolean).join(" ");
    } catch {
      return say("That did not work. Please try again.", "未能完成，请重试。");
    }
  };

  async function* eventsOf(reply) {
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const name = /^event: (.*)$/m.exec(block);
        const data = /^data: (.*)$/m.exec(block);
        if (name && data) yield [name[1], JSON.parse(data[1])];
      }
    }
  }

  const ask = async (question) => {
    add(question, "mine");
    const line = add("…", "theirs draft");
    asking = new AbortController();
    send.disabled = true;
    let draft = "";
    try {
      const reply = await post("ask", { question, history: history.slice(-10), assistant: told.assistant || "" }, asking.signal);
      if (!reply.ok) {
        line.textContent = await trouble(reply);
        return;
      }
      let answered = false;
      for await (const [name, data] of eventsOf(reply)) {
        if (name === "draft") line.textContent = draft += data;
        else if (name === "void") line.textContent = (draft = "") || "…";
        else if (name === "answer") {
          answered = true;
          line.textContent = data.text;
          line.className = "theirs";
          cite(data.citations);
          toPerson.hidden = !data.person;
          history.push([question, data.text]);
        } else if (name === "error") line.textContent = data.detail;
        said.scrollTop = said.scrollHeight;
      }
      if (!answered && !line.textContent.trim()) line.textContent = await trouble(reply);
    } catch {
      line.textContent = say("The server can't be reached.", "无法连接服务器。");
    } finally {
      send.disabled = false;
      asking = null;
    }
  };

  const greet = async () => {
    const line = add(told.greeting || say("Hello! What would you like to know?", "您好！请问有什么可以帮您？"), "theirs");
    if (told.greeting || !told.assistant) return;
    const named = new URLSearchParams({ key: told.key, name: told.assistant });
    const reply = await fetch(`${server}/widget/assistant?${named}`).catch(() => null);
    if (reply?.ok) line.textContent = (await reply.json()).greeting || line.textContent;
  };

  open.addEventListener("click", () => {
    panel.hidden = false;
    open.hidden = true;
    if (!said.childElementCount) greet();
    input.focus();
  });
  close.addEventListener("click", () => {
    if (asking) asking.abort(); // which stops the model
    panel.hidden = true;
    open.hidden = false;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = input.value.trim();
    if (!question || asking) return;
    input.value = "";
    ask(question);
  });
  toPerson.addEventListener("click", () => {
    person.hidden = !person.hidden;
    if (!person.hidden) contact.focus();
  });
  person.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!contact.value.trim()) return;
    let line;
    try {
      const reply = await post("person", { contact: contact.value.trim(), history });
      line = reply.ok ? say("Thank you, somebody will get in touch.", "谢谢，我们会尽快与您联系。") : await trouble(reply);
      person.hidden = reply.ok;
    } catch {
      line = say("The server can't be reached.", "无法连接服务器。");
    }
    add(line, "theirs");
  });
  const mount = () => document.body.append(host);
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();
