// What Streamlit has no option for: the page's language, by which a browser chooses its fonts and a screen reader its
// voice, and a key that leads to the field where one asks.
export default function ({ data }) {
  document.documentElement.lang = data.language;
  if (window.zhikuKeys) return;
  window.zhikuKeys = true;
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
