// Streamlit keeps a page with a field to write in at its end, as a conversation wants it. A greeting is read from the top,
// and an answer that is being written from its question on: until somebody moves the page, or nothing was drawn for
// `data.looks`, as a busy machine draws late.
export default function ({ data }) {
  let looks = data.looks, height = 0;
  const end = () => clearInterval(timer);
  const timer = setInterval(() => {
    const page = document.querySelector(".stMain");
    const from = data.from && document.querySelector(data.from);
    if (page && page.scrollHeight !== height) [looks, height] = [data.looks, page.scrollHeight];
    if (!looks--) return end();
    if (!data.from || from) page?.scrollTo(0, from ? page.scrollTop + from.getBoundingClientRect().top - 72 : 0);
  }, 100);
  for (const hand of ["wheel", "touchstart", "pointerdown", "keydown"]) document.addEventListener(hand, end, { once: true });
  return end;
}
