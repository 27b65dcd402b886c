import cf from 'cloudfront';

/* FACTS */

function handler(event) {
  if (event.context.eventType === 'viewer-response') return told(event.request, event.response);
  if (isPersonal(event.request)) return live(event.request, event.context.requestId);
  return found(event.request);
}

// Viewer request: the object, or the service.
function found(request) {
  const path = request.uri;
  if (new RegExp(LIVE).test(path) || new RegExp(HIDDEN).test(path)) return live(request);
  if (new RegExp(DOCUMENT).test(path)) return kept(request, path);
  const accept = all(request.headers.accept);
  const isBare = new RegExp(BARE).test(path);
  const isPage = isBare || path.endsWith('/');
  if (!isPage || request.headers['accept-profile'] || /profile|"/i.test(accept)) return live(request);
  const chosen = choose(accept);
  if (chosen === 0) {
    return kept(request, isBare ? path : path + 'index.html');
  }
  if (chosen < 0 || !FILES[chosen - 1] || !new RegExp(NEGOTIATED).test(path)) return live(request);
  return kept(request, path + '/' + FILES[chosen - 1]);
}

// The object, which is the same whatever else was asked.
function kept(request, uri) {
  request.uri = uri;
  delete request.headers.accept;
  return request;
}

// Part of the cache's key: the service's answers are not the object's, and what is personal is nobody else's.
function live(request, unique) {
  request.headers['x-colophon-live'] = { value: unique || '1' };
  cf.selectRequestOriginById(ORIGIN);
  return request;
}

function isPersonal(request) {
  return (
    (request.method !== 'GET' && request.method !== 'HEAD') ||
    PERSONAL.some((name) => request.querystring[name] !== undefined) ||
    request.headers.authorization !== undefined ||
    request.cookies[SESSION] !== undefined
  );
}

function all(header) {
  return header === undefined ? '' : (header.multiValue || [header]).map((one) => one.value).join(',');
}

// The position of the offer (none of them has a profile) that the header asks for most, 0 the page; -1 if it wants none.
function choose(accept) {
  const ranges = accept.split(',').map(range).filter((one) => one);
  if (ranges.length === 0) return 0;
  let chosen = -1, best = [0, 0];
  for (let i = 0; i < OFFERS.length; i++) {
    let wish = [0, 0];
    OFFERS[i].split(' ').forEach((name, position) => {
      const asked = wished(name, ranges, position === 0 ? 1 : 3);
      if (isMore(asked, wish)) wish = asked;
    });
    if (wish[0] > 0 && isMore(wish, best)) {
      best = wish;
      chosen = i;
    }
  }
  return chosen;
}

function isMore(one, other) {
  return one[0] > other[0] || (one[0] === other[0] && one[1] > other[1]);
}

function wished(name, ranges, least) {
  let level = 0, quality = 0;
  for (const one of ranges) {
    const found = specificity(one, name);
    if (found < least) continue;
    if (found > level || (found === level && one.quality > quality)) {
      level = found;
      quality = one.quality;
    }
  }
  return [quality, level];
}

// 3 the type, 2 `type/*`, 1 `*/*`, 0 no match.
function specificity(wanted, name) {
  const offered = name.split('/');
  if (wanted.kind === offered[0] && wanted.subtype === offered[1]) return 3;
  if (wanted.subtype !== '*') return 0;
  return wanted.kind === '*' ? 1 : wanted.kind === offered[0] ? 2 : 0;
}

// What is malformed is passed over.
function range(text) {
  const parts = text.split(';');
  const match = /^\s*([^\s\/]+)\/([^\s\/]+)\s*$/.exec(parts[0]);
  const weight = parts.slice(1).map((part) => /^\s*q\s*=\s*(\S*)\s*$/i.exec(part)).find((found) => found);
  const quality = weight ? weight[1] : '1';
  if (match === null || !/^(0(\.\d*)?|1(\.0*)?|\.\d+)$/.test(quality)) return null;
  return { kind: match[1].toLowerCase(), subtype: match[2].toLowerCase(), quality: Number(quality) };
}

// Viewer response: what an object can't say of itself.
function told(request, response) {
  const headers = response.headers;
  if (headers['content-security-policy']) return response; // the service's own answer says all of it
  if (headers['x-amz-meta-status']) response.statusCode = Number(headers['x-amz-meta-status'].value);
  Object.keys(headers).filter((name) => name.startsWith('x-amz-')).forEach((name) => delete headers[name]);
  const page = response.statusCode === 410 ? '/tombstone.html' : '/index.html';
  const path = !new RegExp(DOCUMENT).test(request.uri) && new RegExp(BARE).test(request.uri) ? request.uri + page : request.uri;
  const record = (new RegExp(RECORD).exec(path) || ['', ''])[1];
  Object.keys(ALWAYS).forEach((name) => { headers[name] = { value: ALWAYS[name] }; });
  Object.keys(HEADERS).forEach((name) => {
    const rule = HEADERS[name].find((one) => new RegExp(one[0]).test(path));
    const value = rule[1].replace(/\{record\}/g, record).replace(/\{path\}/g, path);
    if (value) headers[name] = { value: value };
  });
  return response;
}
