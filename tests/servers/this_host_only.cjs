// Preloaded into a program of npm: no name of another host is found. Those asked for are written to a file.
const dns = require("node:dns");
const fs = require("node:fs");

dns.lookup = (name, options, done) => {
  fs.appendFileSync(process.env.ASKED_FOR, `${name}\n`);
  const callback = done ?? options;
  process.nextTick(callback, Object.assign(new Error(`not this host: ${name}`), { code: "ENOTFOUND" }));
};
