// The widget of one panel: it waits for the loader's code (notebook.js) and keeps what the kernel sends until then.
// Each panel carries it, without the comments and the indentation.
const slot = (globalThis["progressnb@__VERSION__"] ??= (() => {
  let done;
  const ready = new Promise((resolve) => (done = resolve));
  return { ready, done };
})());

export default () => {
  const box = { waiting: [], take: (message) => box.waiting.length < 500 && box.waiting.push(message) };
  return {
    initialize({ model }) {
      model.on("msg:custom", (message) => box.take(message));
      box.name = model.get("snapshot")?.name;
      (slot.boxes ??= new Set()).add(box);
      slot.ready.then((page) => page.found(model, box));
      return () => slot.boxes.delete(box);
    },
    async render(place) {
      return (await slot.ready).show(place, box);
    },
  };
};
