// Opens pages in Chromium and writes what is wrong with them, one JSON line a visit. Speaks the DevTools protocol over a pipe: no package but axe-core.
//
// Arguments: chromium, axe.min.js, a folder for the browser's profile, a folder for screenshots or "-", then pages.
// The pages forbid scripts; axe runs in an isolated world, which the page's policy does not reach.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [chromium, axeFile, profile, shots, ...pages] = process.argv.slice(2);
const axe = readFileSync(axeFile, 'utf8');
const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run',
  `--user-data-dir=${profile}`, '--remote-debugging-pipe', 'about:blank'];
const browser = spawn(chromium, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
const [, , , input, output] = browser.stdio;
let number = 0, buffer = '';
const waiting = new Map(), listeners = [];
output.on('data', (chunk) => {
  buffer += chunk;
  for (let end; (end = buffer.indexOf('\0')) >= 0;) {
    const message = JSON.parse(buffer.slice(0, end));
    buffer = buffer.slice(end + 1);
    const promise = waiting.get(message.id);
    if (promise) {
      waiting.delete(message.id);
      if (message.error) promise.reject(new Error(JSON.stringify(message.error)));
      else promise.resolve(message.result);
    } else listeners.forEach((l) => l(message));
  }
});
browser.on('exit', () => { if (waiting.size) { console.error('the browser ended'); process.exit(3); } });
function send(method, params = {}, sessionId) {
  const id = ++number;
  input.write(JSON.stringify({ id, method, params, sessionId }) + '\0');
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}
function once(method, sessionId) {
  return new Promise((resolve) => {
    const l = (m) => { if (m.method === method && m.sessionId === sessionId) { listeners.splice(listeners.indexOf(l), 1); resolve(m.params); } };
    listeners.push(l);
  });
}

const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
const tab = (method, params) => send(method, params, sessionId);
const requests = [];
listeners.push((m) => { if (m.method === 'Network.requestWillBeSent') requests.push(m.params.request.url); });
await tab('Page.enable'); await tab('Network.enable'); await tab('Runtime.enable'); await tab('DOM.enable');

async function open(url) {
  requests.length = 0;
  const loaded = once('Page.loadEventFired', sessionId);
  const { frameId } = await tab('Page.navigate', { url });
  await loaded;
  const { executionContextId } = await tab('Page.createIsolatedWorld', { frameId, worldName: 'axe' });
  return async (expression) => {
    const { result, exceptionDetails } = await tab('Runtime.evaluate', { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails).slice(0, 500));
    return result.value;
  };
}
// What sticks out to the right: the page itself, and elements that no scrolling region holds.
const wide = `(() => { const w = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > w + 1 && !e.closest('.scroll, pre, .hidden, svg'));
  return { scrolls: document.documentElement.scrollWidth > w, out: out.slice(0, 5).map((e) => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 60)) }; })()`;
const run = `axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => ({ id: v.id, nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + ' | ' + n.failureSummary.slice(0, 300)) })))`;

for (const page of pages) {
  const url = pathToFileURL(page).href;
  const name = join(basename(dirname(page)), basename(page)).replace('/', '-');
  for (const scheme of ['light', 'dark']) {
    for (const width of [320, 768, 1280]) {
      await tab('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
      await tab('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
      const evaluate = await open(url);
      const closed = await evaluate(wide);
      if (shots !== '-') {
        mkdirSync(shots, { recursive: true });
        const { data } = await tab('Page.captureScreenshot', { captureBeyondViewport: true, clip: { x: 0, y: 0, width, height: await evaluate('Math.min(document.documentElement.scrollHeight, 3000)'), scale: 1 } });
        writeFileSync(join(shots, `${name}-${width}-${scheme}.png`), Buffer.from(data, 'base64'));
      }
      await evaluate(`document.querySelectorAll('details').forEach((d) => { d.open = true; })`);
      await evaluate(`${axe}; 0`);
      const violations = await evaluate(run);
      const opened = await evaluate(wide);
      console.log(JSON.stringify({ page, scheme, width, violations, closed, opened, requests: requests.filter((r) => r !== url) }));
    }
  }
  // Without scripts the page is the same.
  await tab('Emulation.setEmulatedMedia', { features: [] });
  const html = async () => {
    await open(url);
    const { root } = await tab('DOM.getDocument', { depth: 0 });
    return (await tab('DOM.getOuterHTML', { nodeId: root.nodeId })).outerHTML;
  };
  const scripted = await html();
  await tab('Emulation.setScriptExecutionDisabled', { value: true });
  const unscripted = await html();
  await tab('Emulation.setScriptExecutionDisabled', { value: false });
  console.log(JSON.stringify({ page, same: scripted === unscripted, length: scripted.length }));
  if (shots !== '-') {
    for (const scheme of ['light', 'dark']) {
      await tab('Emulation.setEmulatedMedia', { media: 'print', features: [{ name: 'prefers-color-scheme', value: scheme }] });
      await open(url);
      const { data } = await tab('Page.printToPDF', { printBackground: false, preferCSSPageSize: true });
      writeFileSync(join(shots, `${name}-${scheme}.pdf`), Buffer.from(data, 'base64'));
    }
    await tab('Emulation.setEmulatedMedia', { media: '', features: [] });
  }
}
await send('Browser.close').catch(() => {});
process.exit(0);
