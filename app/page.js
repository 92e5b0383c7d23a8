// What Streamlit has no option for: the page's language, by which a browser chooses its fonts and a screen reader its
// voice, whether menus are light or dark, a key that leads to the field where one asks, numbers that open what they stand
// for, and a sidebar that gives way.
export default function ({ data }) {
  document.documentElement.lang = data.language;
  // Menus and dialogs lie outside of what Streamlit says is light or dark, and their colours go by it (style.css).
  const theme = () => {
    const app = document.querySelector(".stApp");
    if (app) document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme;
  };
  theme();
  if (window.zhikuKeys) return;
  window.zhikuKeys = true;
  for (const event of ["click", "keydown"]) document.addEventListener(event, theme, true);
  // A small number in an answer opens the chip below it that begins with it.
  const opened = (event) => {
    const number = event.target.closest?.('.zk-n[role="button"]');
    if (!number || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
    let place = number;
    while (place && !place.querySelector('[class*="st-key-zk-chips"]')) place = place.parentElement;
    const chips = place ? place.querySelectorAll('[class*="st-key-zk-chips"] button') : [];
    const named = (chip) => (chip.querySelector("p")?.textContent ?? "").split("·")[0].split(",");
    const chip = [...chips].find((one) => named(one).some((n) => n.trim() === number.textContent));
    if (!chip) return;
    event.preventDefault();
    chip.click();
  };
  document.addEventListener("click", opened);
  document.addEventListener("keydown", opened);
  // On a phone the sidebar lies over the page: whoever has chosen something there wants to see it.
  const chosen = '[class*="st-key-zk-talks"] button, .st-key-new-conversation button, .st-key-new-task button';
  document.addEventListener("click", (event) => {
    if (window.innerWidth > 640 || !event.target.closest?.(chosen)) return;
    document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  });
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const typing = at && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = document.querySelector('[data-testid="stChatInputTextArea"], [data-testid="stTextInput"] input');
    if (field) {
      event.preventDefault();
      field.focus();
    }
  });
}
