'use strict';
(() => {
  const filterFrom = 30;
  const collator = new Intl.Collator('en', { numeric: true });
  const units = {
    ns: 1e-9, 'µs': 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, d: 86400,
    B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40, kB: 1e3, MB: 1e6, GB: 1e9,
  };
  const missing = new Set(['', '–', '—', '-', 'none', 'not recorded', 'not a number']);
  const number = /^[<>≤≥≈~]?\s*([+-]?(?:\d{1,3}(?:[,\u00a0\u2009\u202f]\d{3})+(?!\d)|\d+)?(?:\.\d+)?(?:e[+-]?\d+)?)(?:\s*([a-zA-Zµ]+))?/i;

  // 0: a number, 1: text, 2: nothing to compare, which comes last in both directions.
  const key = cell => {
    const text = (cell ? cell.textContent : '').trim();
    const plain = text.replace(/\u2212/g, '-');
    if (missing.has(plain)) return { rank: 2, text };
    if (/^[+-]?infinite/.test(plain)) return { rank: 0, value: plain[0] === '-' ? -Infinity : Infinity, text };
    const match = number.exec(plain);
    if (!match || !/\d/.test(match[1])) return { rank: 1, text };
    return { rank: 0, value: Number(match[1].replace(/[,\s]/g, '')) * (units[match[2]] || 1), text };
  };

  const compare = (a, b, numeric) => {
    if (a.rank === 2 || b.rank === 2) return 0;
    if (numeric && a.rank !== b.rank) return a.rank - b.rank;
    if (numeric && a.rank === 0 && a.value !== b.value) return a.value < b.value ? -1 : 1;
    return collator.compare(a.text, b.text);
  };

  // Rows that are drawn as grids or blocks are no table to some screen readers, unless told; those of big tables when they come near.
  const roles = { col: 'columnheader', row: 'rowheader' };
  const told = part => {
    for (const row of part.rows) {
      row.setAttribute('role', 'row');
      for (const cell of row.cells) cell.setAttribute('role', roles[cell.scope] || 'cell');
    }
  };
  for (const head of document.querySelectorAll('.big thead, .stacked thead')) told(head);
  const near = new IntersectionObserver(groups => groups.filter(group => group.isIntersecting).forEach(group => told(group.target)), { rootMargin: '50%' });
  for (const group of document.querySelectorAll('.big tbody')) near.observe(group);

  // Big tables are written in groups of rows, which a browser lays out apart from each other. Rows that a filter hides come behind the last of the others, so
  // that the groups in sight stay full.
  const rowsOf = table => {
    const bodies = [...table.tBodies];
    const size = bodies[0].rows.length;
    const written = bodies.flatMap(body => [...body.rows]);
    const rows = { written, ordered: written, fits: null };
    rows.arrange = () => {
      const shown = rows.fits ? rows.ordered.filter(row => rows.fits.has(row)) : rows.ordered;
      const all = rows.fits ? [...shown, ...rows.ordered.filter(row => !rows.fits.has(row))] : shown;
      all.forEach((row, i) => { row.hidden = i >= shown.length; });
      bodies.forEach((body, i) => {
        body.append(...all.slice(i * size, i === bodies.length - 1 ? all.length : (i + 1) * size));
        body.hidden = bodies.length > 1 && i * size >= shown.length;
        body.style.contentVisibility = !body.hidden && (i + 1) * size > shown.length ? 'visible' : '';
      });
      if (bodies.length > 1) bodies.forEach(told);
      return shown.length;
    };
    return rows;
  };

  const sortable = (table, rows) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const next = { ascending: 'descending', descending: null }[head.getAttribute('aria-sort')];
        const direction = next === undefined ? 'ascending' : next;
        heads.forEach(other => other.removeAttribute('aria-sort'));
        rows.ordered = rows.written;
        if (direction) {
          head.setAttribute('aria-sort', direction);
          const keyed = rows.written.map(row => ({ row, key: key(row.cells[column]) }));
          const compared = keyed.filter(item => item.key.rank < 2);
          const numeric = compared.filter(item => item.key.rank === 0).length * 2 > compared.length;
          const sign = direction === 'ascending' ? 1 : -1;
          keyed.sort((a, b) => (a.key.rank === 2) - (b.key.rank === 2) || sign * compare(a.key, b.key, numeric));
          rows.ordered = keyed.map(item => item.row);
        }
        rows.arrange();
      });
    });
    const hint = document.createElement('span');
    hint.className = 'unseen';
    hint.textContent = ' (column headers with buttons sort the rows)';
    table.caption.append(hint);
  };

  const filterable = (table, rows) => {
    const line = document.createElement('p');
    const label = document.createElement('label');
    const input = document.createElement('input');
    const said = document.createElement('span');
    line.className = 'filter';
    input.type = 'search';
    input.setAttribute('aria-label', 'Filter the rows of: ' + table.parentElement.getAttribute('aria-label'));
    said.setAttribute('role', 'status');
    label.append('Filter ', input);
    line.append(label, ' ', said);
    table.parentElement.before(line);
    let texts = null;
    let waiting = 0;
    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(word => word);
      texts = texts || new Map(rows.written.map(row => [row, [...row.cells].map(cell => cell.textContent).join(' ').toLowerCase()]));
      rows.fits = words.length ? new Set(rows.written.filter(row => words.every(word => texts.get(row).includes(word)))) : null;
      const shown = rows.arrange();
      said.textContent = words.length ? `${shown.toLocaleString('en')} of ${rows.written.length.toLocaleString('en')} rows` : '';
    };
    input.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(apply, 80);
    });
    return { clear: () => { input.value = ''; apply(); } };
  };

  const filters = new Map();
  for (const table of document.querySelectorAll('table.sortable')) {
    const rows = rowsOf(table);
    sortable(table, rows);
    if (rows.written.length > filterFrom) filters.set(table, filterable(table, rows));
  }

  // Commands are there to be copied.
  for (const block of document.querySelectorAll('pre')) {
    if (!navigator.clipboard) break;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(block.textContent).then(() => { button.textContent = 'Copied'; }, () => getSelection().selectAllChildren(block));
    });
    const frame = document.createElement('div');
    frame.className = 'copied';
    block.before(frame);
    frame.append(block, button);
  }

  // Not every browser opens what a link leads into; none shows a row that a filter hides.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const row = target.closest('tr');
    if (row && row.hidden) filters.get(row.closest('table'))?.clear();
    for (let folded = target.closest('details'); folded; folded = folded.parentElement.closest('details')) folded.open = true;
    target.scrollIntoView();
  };
  addEventListener('hashchange', reveal);
  document.addEventListener('click', event => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) reveal();
  });
  if (location.hash) reveal();

  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open], .long)')];
    for (const folded of opened) folded.open = true;
  });
  addEventListener('afterprint', () => {
    for (const folded of opened) folded.open = false;
  });
})();
