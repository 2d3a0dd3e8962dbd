// `run(task)` gives a task to a worker, or where it names a peer to that, and resolves to what came of it, both as
// plain objects. `runTwice(task)` gives it to two workers at once and resolves to both outcomes.
const begin = () => {
  const worker = new Worker("./bench-page_loader.js", { type: "module" });
  const listens = new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
  let waiting = null;
  worker.addEventListener("message", ({ data }) => {
    // Its first message only says that it listens.
    if (typeof data === "string") waiting?.(JSON.parse(data));
  });
  return async (task) => {
    await listens;
    return new Promise((resolve) => {
      waiting = resolve;
      worker.postMessage(JSON.stringify(task));
    });
  };
};
const first = begin();
let second = null;
window.run = async (task) => (task.peer ? (await import("./peers.js")).run(task) : first(task));
window.runTwice = async (task) => {
  second ??= begin();
  return Promise.all([first(task), second(task)]);
};
