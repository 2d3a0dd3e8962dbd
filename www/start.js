// Before the page's program: says what the browser lacks for it, and afterwards that it did not start or has
// stopped. In old JavaScript, for old browsers run it too; in a file of its own, since the page's policy allows no
// other script; and no module, since from a file no module is loaded.
(function () {
  "use strict";

  /** The smallest WebAssembly program with SIMD: one function that splats a number and takes its bit count. */
  var SIMD = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
  ];

  var start = document.getElementById("start");
  var running = false;
  var said = false;

  /** Shows one of the texts in the page's place, the first one that there is reason for. */
  function say(what, lacking) {
    if (said) return;
    said = true;
    document.documentElement.setAttribute("data-start", what);
    document.getElementById("start-coming").hidden = true;
    document.getElementById("start-" + what).hidden = false;
    var details = start.getElementsByTagName("code");
    for (var at = 0; at < details.length; at += 1) {
      if (details[at].className === "lacking") details[at].textContent = lacking || "";
    }
  }

  /** Whether the browser starts workers that are modules. */
  function hasModules() {
    var known = false;
    var options = {
      get type() {
        known = true;
        throw new Error("nothing is to be started");
      },
    };
    try {
      new Worker("start.js", options).terminate();
    } catch (error) {}
    return known;
  }

  function look() {
    if (location.protocol === "file:") say("file");
    else if (typeof WebAssembly !== "object") say("webassembly");
    else if (!WebAssembly.validate(new Uint8Array(SIMD))) say("old", "WebAssembly SIMD");
    else if (!hasModules()) say("old", "module workers");
  }

  function stop(text) {
    // The program has removed what stood there before it.
    if (!document.body.contains(start)) document.body.insertBefore(start, document.body.firstChild);
    say("stopped", text);
  }

  function fail(error, text) {
    if (!running) say("failed", text);
    else if (error instanceof WebAssembly.RuntimeError) stop(text);
  }

  // The program calls it where it panics.
  window.pageStopped = stop;

  addEventListener(
    "error",
    function (event) {
      var at = event.target;
      if (at === window) fail(event.error, event.message);
      else if (at && at.tagName === "SCRIPT") fail(null, at.src || "the program could not be loaded");
    },
    true
  );
  addEventListener("unhandledrejection", function (event) {
    fail(event.reason, String((event.reason && event.reason.message) || event.reason));
  });
  addEventListener("TrunkApplicationStarted", function () {
    running = true;
    // What went wrong before did not matter, unless the program has stayed away because of it.
    if (!document.body.contains(start)) said = false;
  });

  // The way back to a page that was left: its worker has ended, or its program never started.
  addEventListener("pageshow", function (event) {
    if (event.persisted) location.reload();
  });

  var buttons = start.getElementsByTagName("button");
  for (var at = 0; at < buttons.length; at += 1) {
    buttons[at].onclick = function () {
      location.reload();
    };
  }
  look();
})();
