// `run(task)` gives a task to the worker, or where it names a peer to that, and resolves to what came of it,
// both as plain objects.
const worker = new Worker("./bench-page_loader.js", { type: "module" });
const listens = new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
let waiting = null;
worker.addEventListener("message", ({ data }) => {
  // Its first message only says that it listens.
  if (typeof data === "string") waiting?.(JSON.parse(data));
});
window.run = async (task) => {
  if (task.peer) return (await import("./peers.js")).run(task);
  await listens;
  return new Promise((resolve) => {
    waiting = resolve;
    worker.postMessage(JSON.stringify(task));
  });
};
