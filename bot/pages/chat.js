// Makes the page quicker where scripts run: sends without a reload, and again under the same id when the network fails.
// Everything here also works as plain forms; old in-app browsers are why there is nothing newer than ES5 plus fetch.
(function () {
  "use strict";

  var print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", function () { window.print(); });
  }

  // The result as text, for whoever is to read it: copied, or handed to the phone's own menu.
  function words(button) {
    var card = button.parentNode.parentNode;
    var lines = [];
    Array.prototype.forEach.call(card.querySelectorAll(".verdict, .bars tr, .card > p:not(.keep), .step:not(p) > summary"), function (one) {
      lines.push(one.textContent.replace(/\s+/g, " ").trim());
    });
    return lines.join("\n") + "\n" + location.origin + "/";
  }
  function offer() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-copy]"), function (one) { one.hidden = !navigator.clipboard; });
    Array.prototype.forEach.call(document.querySelectorAll("[data-share]"), function (one) { one.hidden = !navigator.share; });
  }
  document.addEventListener("click", function (event) {
    var one = event.target;
    if (one.nodeName === "BUTTON" && one.hasAttribute("data-copy")) {
      navigator.clipboard.writeText(words(one)).then(function () { one.textContent = "已复制"; }, function () { one.textContent = "没复制成"; });
    } else if (one.nodeName === "BUTTON" && one.hasAttribute("data-share")) {
      navigator.share({ title: "学时结果", text: words(one) }).then(null, function () {});
    }
  });
  offer();

  // Letters that a phone cannot write are boxes, each as wide as the next; then the other script stays away.
  var upright = document.querySelector(".upright");
  if (upright) {
    var pen = document.createElement("canvas").getContext("2d");
    pen.font = "40px " + getComputedStyle(upright).fontFamily;
    upright.hidden = pen.measureText("\u1820").width === pen.measureText("\u182e").width;
  }

  var log = document.getElementById("log");
  if (!log || !window.fetch || !window.URLSearchParams || !window.Promise) { return; }

  var typing = document.getElementById("typing");
  var box = document.getElementById("text");
  var buttons = document.getElementById("buttons");
  var offline = document.querySelector(".offline");
  var token = typing.elements.token.value;
  var nonce = typing.elements.nonce.value;
  var sent = 0;
  var line = Promise.resolve(); // one message at a time, in the order they were said
  var PATIENCE = 20000;
  var PAUSES = [1000, 2000, 4000, 8000];

  function make(tag, name, text) {
    var one = document.createElement(tag);
    one.className = name;
    if (text) { one.textContent = text; }
    return one;
  }

  function pause(ms) {
    return new Promise(function (go) { setTimeout(go, ms); });
  }

  function lock(locked) {
    Array.prototype.forEach.call(buttons.querySelectorAll("button"), function (one) { one.disabled = locked; });
  }

  // At once: what moves under a finger loses its tap.
  function show(element, where) {
    element.scrollIntoView({ block: where });
  }

  function post(fields) {
    var answer = fetch("/say", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: fields.toString()
    });
    var late = pause(PATIENCE).then(function () { throw new Error("late"); });
    return Promise.race([answer, late]);
  }

  // Resolves to the new bubbles, or to {message} that says why there are none. Never gives up on a network that may come back.
  function deliver(fields, note, tries) {
    return post(fields).then(function (answer) {
      if (answer.status >= 500 || answer.status === 429) {
        if (tries >= PAUSES.length) { return answer.json(); }
        var wait = Number(answer.headers.get("Retry-After")) * 1000 || PAUSES[tries];
        return pause(wait).then(function () { return deliver(fields, note, tries + 1); });
      }
      return answer.json();
    }).then(function (told) {
      offline.hidden = true;
      return told;
    }, function () {
      offline.hidden = false;
      if (tries < PAUSES.length) {
        note.textContent = "网络不通，正在再发一次…";
        note.hidden = false;
        return pause(PAUSES[tries]).then(function () { return deliver(fields, note, tries + 1); });
      }
      return asked(note).then(function () { return deliver(fields, note, 0); });
    });
  }

  // Waits until the person wants another try, or the network says it is back.
  function asked(note) {
    return new Promise(function (go) {
      var again = make("button", "again", "再发一次");
      function once() {
        window.removeEventListener("online", once);
        note.textContent = "正在发送…";
        go();
      }
      note.textContent = "还没发出去。";
      note.appendChild(again);
      again.addEventListener("click", once);
      window.addEventListener("online", once);
    });
  }

  function say(fields, shown, tapped) {
    var turn = make("div", "turn");
    var mine = make("p", "bubble mine");
    var note = make("p", "sending", "正在发送…");
    sent += 1;
    fields.append("token", token);
    fields.append("nonce", nonce + "-" + sent);
    mine.appendChild(make("span", "who", "您："));
    mine.appendChild(make("span", "said", shown));
    turn.appendChild(mine);
    turn.appendChild(note);
    note.hidden = true;
    log.appendChild(turn);
    lock(true);
    show(mine, "nearest");
    line = line.then(function () {
      var slow = setTimeout(function () { note.hidden = false; }, 600);
      return deliver(fields, note, 0).then(function (told) {
        clearTimeout(slow);
        answered(turn, note, told, tapped);
      });
    }).then(null, function () { // a fault of this page must not stop the messages after it
      note.textContent = "没有显示出来，请刷新页面。";
      note.hidden = false;
      lock(false);
    });
  }

  function answered(turn, note, told, tapped) {
    var first;
    if (!told.html && !told.keys) {
      note.textContent = told.message || "没有发成，请刷新页面再试。";
      note.hidden = false;
      lock(false);
      return;
    }
    turn.removeChild(note);
    if (told.said) { turn.querySelector(".said").textContent = told.said; } // of a form: the sentence that was made of it
    while (told.alone && turn.previousElementSibling && turn.previousElementSibling.classList.contains("turn")) {
      log.removeChild(turn.previousElementSibling); // what is kept no longer is shown no longer
    }
    turn.insertAdjacentHTML("beforeend", told.html); // drawn and escaped by the server
    buttons.innerHTML = told.keys;
    offer();
    // A long answer starts at its first line; what is pending stays one tap away.
    first = turn.querySelector(".theirs");
    if (turn.offsetHeight + buttons.offsetHeight > window.innerHeight - typing.offsetHeight) {
      if (first) { show(first, "start"); }
    } else {
      show(buttons, "nearest");
    }
    if (tapped) { // not on a button: a second Enter must answer nothing unread
      (turn.querySelector("[tabindex='-1']") || log).focus({ preventScroll: true });
    }
    seek();
  }

  // The way back to what is pending, while it is out of sight.
  var jump = document.querySelector(".jump");
  function seek() {
    var box = buttons.getBoundingClientRect();
    jump.hidden = !buttons.querySelector("button") || !log.querySelector(".turn:last-child .ask") || box.top < window.innerHeight - typing.offsetHeight;
  }
  window.addEventListener("scroll", seek);
  window.addEventListener("resize", seek);
  jump.addEventListener("click", function (event) {
    event.preventDefault();
    show(buttons, "center");
  });

  function fit() {
    box.style.height = "auto";
    box.style.height = Math.min(box.scrollHeight + 2, window.innerHeight / 3) + "px";
  }

  function send() {
    var text = box.value.replace(/^\s+|\s+$/g, "");
    box.focus();
    if (!text) { return; }
    box.value = "";
    fit();
    say(new URLSearchParams([["text", text]]), text, false);
  }

  document.addEventListener("click", function (event) {
    var button = event.target;
    if (button.nodeName !== "BUTTON" || !button.name || !button.form || !button.form.hasAttribute("data-say")) { return; }
    event.preventDefault();
    button.classList.add("tapped");
    say(filled(button), button.getAttribute("aria-label") || button.textContent, buttons.contains(button) || log.contains(button));
  });

  // What a button sends; 填好了 takes along what stands in its form.
  function filled(button) {
    var fields = new URLSearchParams([[button.name, button.value]]);
    if (button.name === "filled") {
      Array.prototype.forEach.call(button.form.elements, function (one) {
        var kept = one.type === "radio" ? one.checked : one.nodeName !== "BUTTON";
        if (kept && one.name && one.value && one.name !== "token" && one.name !== "nonce") { fields.append(one.name, one.value); }
      });
    }
    return fields;
  }

  // A chip fills its year's fields; typing a number lets the chip go.
  document.addEventListener("input", function (event) {
    var one = event.target;
    var year = one.closest && one.closest(".year");
    if (!year) { return; }
    if (one.type === "radio") {
      Array.prototype.forEach.call(year.querySelectorAll("[data-full]"), function (cell) {
        cell.value = { full: cell.getAttribute("data-full"), none: "0", open: "" }[one.getAttribute("data-fills")];
      });
    } else {
      Array.prototype.forEach.call(year.querySelectorAll("[type=radio]"), function (chip) { chip.checked = false; });
    }
  });
  typing.addEventListener("submit", function (event) {
    event.preventDefault();
    send();
  });
  box.addEventListener("keydown", function (event) {
    var composing = event.isComposing || event.keyCode === 229; // Enter picks a word in a Chinese input method
    if (event.key === "Enter" && !event.shiftKey && !composing) {
      event.preventDefault();
      send();
    }
  });
  box.addEventListener("input", fit);
  window.addEventListener("offline", function () { offline.hidden = false; });
  window.addEventListener("online", function () { offline.hidden = true; });

  var latest = document.getElementById("latest");
  if (latest) { latest.scrollIntoView(true); }
  seek();
})();
