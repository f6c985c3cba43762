'use strict';
// Prices the ledger of the page under any choice of tiers and of a cached share. Amounts
// are whole numbers: units of 1e-18 USD, times 100 for a share in percent.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const TIERS = ['recorded', 'standard', 'flex', 'priority', 'batch'];
  const LABELS = ['as recorded', 'Standard', 'Flex', 'Priority', 'Batch'];
  const RECORDED = 0, STANDARD = 1, WHOLE = 100n, PLACES = 20;

  const ledger = JSON.parse(one('#ledger').textContent);
  const numbers = (text) => text.split(' ').map(BigInt);
  const rates = ledger.rates.map(numbers);
  const uses = ledger.uses.map((text) => {
    const [tariff, project, rows, ...sums] = text.split(' ');
    const [model, tiers] = ledger.tariffs[Number(tariff)];
    return { model, tiers, project: Number(project), rows: BigInt(rows), sums: sums.map(BigInt) };
  });
  const choices = { all: RECORDED, caching: 'recorded', share: 50n, model: new Map(), project: new Map() };

  // The cost of a use on a tier; none where the tier has no rate for all of it.
  const dot = (sums, list) => sums.reduce((sum, count, at) => sum + count * rates[list][at], 0n);
  function cost(use, tier, caching, share) {
    const [recorded, plain, cached] = use.tiers[tier];
    if (caching === 'recorded') return recorded === null ? null : dot(use.sums, recorded) * WHOLE;
    if (plain === null) return null;
    if (caching === 'none' || share === 0n) return dot(use.sums, plain) * WHOLE;
    if (cached === null) return null;
    return dot(use.sums, plain) * (WHOLE - share) + dot(use.sums, cached) * share;
  }

  function tierOf(use) {
    return choices.project.get(use.project) ?? choices.model.get(use.model) ?? choices.all;
  }

  // Every total that a choice gives.
  function price() {
    const result = { total: 0n, before: 0n, fallback: 0n, fallbackRows: 0n, model: [], project: [] };
    for (const use of uses) {
      const tier = tierOf(use);
      let usd = cost(use, tier, choices.caching, choices.share);
      if (usd === null) {
        usd = cost(use, STANDARD, choices.caching, choices.share);
        result.fallback += usd;
        result.fallbackRows += use.rows;
        if (ledger.uncovered === 'exclude') continue;
      }
      result.total += usd;
      result.before += cost(use, RECORDED, 'recorded');
      result.model[use.model] = (result.model[use.model] ?? 0n) + usd;
      result.project[use.project] = (result.project[use.project] ?? 0n) + usd;
    }
    return result;
  }

  // Decimal text, exact or rounded half away from zero.
  function exact(amount) {
    const digits = (amount < 0n ? -amount : amount).toString().padStart(PLACES + 1, '0');
    const decimals = digits.slice(-PLACES).replace(/0+$/, '');
    return (amount < 0n ? '-' : '') + digits.slice(0, -PLACES) + (decimals && '.' + decimals);
  }
  function rounded(amount, places) {
    const step = 10n ** BigInt(PLACES - places);
    const units = ((amount < 0n ? -amount : amount) + step / 2n) / step;
    const digits = units.toString().padStart(places + 1, '0');
    const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ',');
    return (amount < 0n && units > 0n ? '-' : '') + whole + (places ? '.' + digits.slice(-places) : '');
  }
  function placesFor(amount) {
    const dollar = 10n ** BigInt(PLACES);
    return amount >= 1000n * dollar ? 2 : amount >= dollar ? 4 : 6;
  }
  function show(element, amount, places) {
    element.value = exact(amount);
    element.textContent = rounded(amount, places);
  }
  function percent(part, whole) {
    if (whole === 0n) return '';
    const tenths = (part * 2000n + (part < 0n ? -whole : whole)) / (2n * whole);
    const size = tenths < 0n ? -tenths : tenths;
    if (size === 0n) return ', under 0.1 %';
    return (part < 0n ? ', -' : ', +') + size / 10n + '.' + (size % 10n) + ' %';
  }

  // Whether some usage was read from a cache or written to one.
  const hasCached = uses.some((use) => use.tiers.some(([recorded, plain]) => recorded !== plain));
  const tables = ['model', 'project'].map((kind) => [kind, one(`table[data-live="${kind}"]`)]);
  const live = tables.filter(([, table]) => table);
  const rowsOf = new Map(live.map(([kind, table]) => [kind, all('tbody tr', table)]));
  const largest = all('.bars data[value]').map((data) => units(data.value)).reduce((a, b) => (a > b ? a : b), 0n);

  // An exact amount of the page in the units of this script.
  function units(text) {
    const [whole, decimals = ''] = text.replace(/,/g, '').replace('-', '').split('.');
    const size = BigInt((whole || '0') + decimals.padEnd(PLACES, '0'));
    return text.startsWith('-') ? -size : size;
  }

  // The choices in words.
  function chosen() {
    const parts = choices.all ? [`everything on ${LABELS[choices.all]}`] : [];
    for (const kind of ['model', 'project']) {
      for (const [at, tier] of choices[kind]) parts.push(`${kind} ${nameOf(kind, at)} ${tier ? 'on ' : ''}${LABELS[tier]}`);
    }
    if (choices.caching === 'none') parts.push('no caching');
    if (choices.caching === 'share') parts.push(`${choices.share} % of the input cached`);
    return parts.join(', ');
  }
  const nameOf = (kind, at) => ledger[kind + 's'][at] || '(none)';
  const counted = (rows) => rounded(rows * 10n ** BigInt(PLACES), 0) + (rows === 1n ? ' row has' : ' rows have');

  function note(result) {
    const words = chosen();
    const parts = words ? [words[0].toUpperCase() + words.slice(1) + '.'] : [];
    if (result.fallbackRows > 0n) {
      const places = placesFor(result.fallback);
      const how = ledger.uncovered === 'exclude' ? 'left out' : 'in the total at Standard';
      parts.push(`${counted(result.fallbackRows)} no price on the tier; ${how}: ${rounded(result.fallback, places)} USD.`);
    }
    if (words && ledger.open) parts.push('Of summed-up rows the average request is priced; the table above has what they leave open.');
    if (choices.caching === 'share') {
      parts.push(`Modelled: ${choices.share} % of the input of each modality is read from the cache, none is written to it.`);
    }
    if (choices.caching === 'recorded' && words && hasCached) {
      parts.push('Assumes the same cache hits on the other tier.');
    }
    return parts.join(' ');
  }

  function render() {
    const result = price();
    const places = placesFor(result.before);
    show(one('#live'), result.total, places);
    const delta = result.total - result.before;
    const change = one('#live-change');
    change.textContent = delta === 0n ? (chosen() ? 'as much as recorded' : 'as recorded')
      : `${delta > 0n ? '+' : ''}${rounded(delta, places)} USD${percent(delta, result.before)} against what the same rows cost as recorded`;
    change.className = delta < 0n ? 'less' : delta > 0n ? 'more' : '';
    one('#live-note').textContent = note(result);
    one('#share-shown').textContent = `${choices.share} %`;
    for (const [kind, table] of live) {
      rowsOf.get(kind).forEach((row, at) => show(one('td.live data', row), result[kind][at] ?? 0n, places));
      show(one('tfoot td.live data', table), result.total, places);
    }
    const bar = one('#live-bar');
    const width = largest > 0n ? Number(result.total * 1000n / largest) : 0;
    one('rect', bar).setAttribute('width', String(Math.min(width, 1000)));
    show(one('data', bar), result.total, places);
    const mark = one('#live-share');
    if (mark) {
      const [left, right] = ['x1', 'x2'].map((end) => Number(one('.tier').getAttribute(end)));
      const x = String(left + (right - left) * Number(choices.share) / 100);
      mark.setAttribute('x1', x);
      mark.setAttribute('x2', x);
      mark.setAttribute('visibility', choices.caching === 'share' ? 'visible' : 'hidden');
    }
  }

  // The choices in the address, so that a reload or a link keeps them.
  function remember() {
    const words = new URLSearchParams();
    if (choices.all) words.set('tier', TIERS[choices.all]);
    if (choices.caching !== 'recorded') words.set('cached', choices.caching === 'none' ? 'none' : String(choices.share));
    for (const kind of ['model', 'project']) {
      for (const [at, tier] of choices[kind]) words.append(`${kind}:${ledger[kind + 's'][at]}`, TIERS[tier]);
    }
    address(words.toString());
  }
  // Where a page may not change its address, the choices hold until it is closed.
  function address(hash) {
    try {
      history.replaceState(null, '', hash ? '#' + hash : location.pathname + location.search);
    } catch { /* The page may not: nothing else depends on it. */ }
  }
  function recall(hash) {
    choices.all = RECORDED;
    choices.caching = 'recorded';
    for (const kind of ['model', 'project']) choices[kind].clear();
    for (const [word, value] of new URLSearchParams(hash)) {
      const tier = TIERS.indexOf(value);
      if (word === 'tier' && tier >= 0) choices.all = tier;
      if (word === 'cached' && value === 'none') choices.caching = 'none';
      if (word === 'cached' && /^\d{1,3}$/.test(value) && Number(value) <= 100) {
        choices.caching = 'share';
        choices.share = BigInt(value);
      }
      const kind = ['model', 'project'].find((kind) => word.startsWith(kind + ':'));
      const at = kind ? ledger[kind + 's'].indexOf(word.slice(kind.length + 1)) : -1;
      if (at >= 0 && tier >= 0) choices[kind].set(at, tier);
    }
    reflect();
  }
  function reflect() {
    one('#all-tier').value = String(choices.all);
    one(`input[name=caching][value=${choices.caching}]`).checked = true;
    one('#share').value = String(choices.share);
    for (const [kind] of live) {
      rowsOf.get(kind).forEach((row, at) => {
        const select = one('select', row);
        if (select) select.value = String(choices[kind].get(at) ?? '');
      });
    }
  }
  function changed() {
    render();
    remember();
  }

  function listen() {
    one('#all-tier').addEventListener('change', (event) => { choices.all = Number(event.target.value); changed(); });
    one('#share').addEventListener('change', remember);
    all('input[name=caching]').forEach((radio) => radio.addEventListener('change', () => { choices.caching = radio.value; changed(); }));
    one('#share').addEventListener('input', (event) => {
      choices.share = BigInt(event.target.value);
      choices.caching = 'share';
      reflect();
      render();
    });
    one('#reset').addEventListener('click', () => {
      recall('');
      changed();
    });
    one('#what-if form').addEventListener('submit', (event) => event.preventDefault());
    addEventListener('hashchange', () => { recall(location.hash.slice(1)); render(); });
    // A way within the page is no choice.
    all('a[href^="#"]').forEach((link) => link.addEventListener('click', (event) => {
      event.preventDefault();
      one(link.getAttribute('href')).scrollIntoView();
    }));
    for (const [kind] of live) {
      rowsOf.get(kind).forEach((row, at) => {
        const select = one('select', row);
        if (!select) return;
        ['', ...TIERS.keys()].forEach((tier) => {
          const option = new Option(tier === '' ? '-' : LABELS[tier], String(tier));
          select.append(option);
        });
        select.addEventListener('change', () => {
          if (select.value === '') choices[kind].delete(at);
          else choices[kind].set(at, Number(select.value));
          changed();
        });
      });
    }
  }

  // Tables: sorted by a column, and filtered by a text.
  function sortable(table) {
    const heads = all('thead th', table);
    heads.forEach((head, column) => {
      if (head.classList.contains('move')) return;
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const down = head.getAttribute('aria-sort') !== 'descending' && (column > 0 || head.getAttribute('aria-sort') === 'ascending');
        heads.forEach((other) => other.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        sort(table, column, down);
      });
    });
  }
  function sort(table, column, down) {
    const key = (row) => {
      const cell = row.children[column];
      const data = one('data', cell);
      const text = data ? data.value : cell.textContent.trim();
      const number = text.replace(/,/g, '');
      return column > 0 && /^-?\d+(\.\d+)?$/.test(number) ? units(number) : text;
    };
    const order = (a, b) => {
      if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
      return typeof a === 'bigint' ? 1 : -1;
    };
    const body = one('tbody', table);
    const keyed = all('tr', body).map((row) => [key(row), row]);
    // The row of all others stays the last one.
    const rest = (row) => Number(row.classList.contains('rest'));
    keyed.sort(([a, one], [b, other]) => rest(one) - rest(other) || (down ? order(b, a) : order(a, b)));
    body.append(...keyed.map(([, row]) => row));
  }
  function filterable(section) {
    const input = one('.filter', section);
    const rows = all('tbody tr', section);
    if (!input || rows.length < 8) return;
    input.hidden = false;
    input.addEventListener('input', () => {
      const wanted = input.value.toLowerCase();
      rows.forEach((row) => { row.hidden = !row.children[0].textContent.toLowerCase().includes(wanted); });
    });
  }

  listen();
  all('.groups table').forEach(sortable);
  all('.groups').forEach(filterable);
  addEventListener('mouseover', (event) => {
    const data = event.target.closest?.('data');
    if (data) data.title = data.value + ' USD';
  });
  document.body.classList.add('live');
  one('#what-if').hidden = false;
  one('#live-bar').hidden = false;
  recall(location.hash.slice(1));
  render();
})();
