// Reports what is pressed and typed, at once, before anything else on the page reacts. Loaded in the page and its frames.
(() => {
  const report = (what) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/report', false);
    request.send(JSON.stringify(what));
  };
  const things = JSON.parse(document.getElementById('things').textContent);
  const thingOf = (event) => {
    for (const node of event.composedPath()) {
      if (node.drawn) return node.drawn(event);
      if (node.dataset && node.dataset.n) return things[node.dataset.n];
    }
    return null;
  };
  const act = (thing) => {
    if (thing.says) top.document.getElementById('status').textContent = thing.says;
    if (thing.goes !== null) top.location.href = `/page/${thing.goes}`;
    if (thing.key.startsWith('dialog')) document.querySelectorAll('.dialog, dialog').forEach((each) => each.remove());
  };
  const watch = (root) => {
    root.addEventListener('pointerdown', (event) => {
      if (event.target.shadowRoot) return; // reported inside
      const thing = thingOf(event);
      const box = thing && thing.kind === 'box' && event.target.closest('[data-n]').querySelector('input');
      report({ press: thing ? thing.key : 'nothing', on: box ? !box.checked : null });
    }, true);
    root.addEventListener('click', (event) => {
      const thing = event.target.shadowRoot ? null : thingOf(event);
      if (thing && thing.kind !== 'field' && event.detail) act(thing);
    });
    root.addEventListener('input', (event) => {
      const thing = event.target.shadowRoot ? null : thingOf(event);
      if (thing && thing.kind === 'field') report({ type: thing.key, value: event.composedPath()[0].value });
    });
    root.addEventListener('keydown', (event) => {
      const thing = event.target.shadowRoot ? null : thingOf(event);
      if (!thing || (event.key !== 'Enter' && event.key !== ' ')) return;
      if (thing.kind === 'field' && event.key === ' ') return;
      report({ press: `enter ${thing.key}`, on: null });
      act(thing);
    }, true);
  };
  watch(document);
  for (const host of document.querySelectorAll('[data-shadow]')) {
    const root = host.attachShadow({ mode: 'open' });
    const styles = [...document.querySelectorAll('style')].map((each) => each.outerHTML).join('');
    root.innerHTML = styles + host.querySelector('template').innerHTML;
    watch(root);
  }
  for (const canvas of document.querySelectorAll('canvas')) {
    const drawn = JSON.parse(canvas.dataset.drawn);
    const pen = canvas.getContext('2d');
    for (const each of drawn) {
      pen.fillStyle = canvas.dataset.accent;
      pen.fillRect(each.x, each.y, 120, 40);
      pen.fillStyle = '#ffffff';
      pen.font = `${canvas.dataset.size}px DejaVu Sans`;
      pen.fillText(each.words, each.x + 14, each.y + 26);
    }
    canvas.drawn = (event) => {
      const hit = drawn.find((each) => event.offsetX >= each.x && event.offsetX < each.x + 120
        && event.offsetY >= each.y && event.offsetY < each.y + 40);
      return hit ? things[hit.n] : null;
    };
  }
  const cover = document.querySelector('[data-over]');
  if (cover) {
    const under = document.querySelector(`[data-n="${cover.dataset.over}"]`);
    const box = (under || document.body).getBoundingClientRect();
    Object.assign(cover.style, { left: `${box.x - 12}px`, top: `${box.y - 12}px`, width: `${box.width + 24}px`,
      height: `${box.height + 24}px` });
  }
  for (const late of document.querySelectorAll('[data-late]')) {
    setTimeout(() => { late.hidden = false; }, Number(late.dataset.late));
  }
  const waiting = document.querySelector('[data-until]');
  if (waiting) setTimeout(() => waiting.remove(), Number(waiting.dataset.until));
  const modal = document.querySelector('dialog');
  if (modal) modal.showModal();
})();
