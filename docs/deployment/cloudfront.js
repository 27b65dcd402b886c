import cf from 'cloudfront';
// Colophon behind CloudFront: the frozen site from the disk, everything else from `colophon serve`.
//
// Made by `colophon site rules`, from the settings of the instance.
// One function, for the events viewer request and viewer response of the default behaviour. The distribution
// has two origins: the bucket, and the service by the id colophon-service. See docs/deployment.md.
//
// All rules go by the form of an address; there is none for a single record. What a rule does not recognise goes to the
// service, which is always right and only slower.
const ORIGIN = "colophon-service";
const SESSION = "session";
const PERSONAL = ["access_token","token","preview"];
const LIVE = "^(?:/api|/oai|/oai2d|/sparql|/login|/logout|/search/results)(?:/|$)|^/records/[^/]+/(?:files/|(?:record\\.jsonld|record\\.nt|datacite\\.json|dublin\\-core\\.xml|oai\\-datacite\\.xml|oai\\-openaire\\.xml|marc\\.xml|mods\\.xml|record\\.rdf|whole\\.rdf|ccmm\\.xml|codemeta\\.json|CITATION\\.cff|croissant\\.json|datapackage\\.json|ro\\-crate\\-metadata\\.json|record\\.geojson|csl\\.json|record\\.ris|citation\\.txt|simple\\.csv|full\\.csv|linkset)$)";
const HIDDEN = "(?:/(?:index\\.html|tombstone\\.html)|^(?:/(?:cs))?/(?:records/[^/]+|about/[^/]+|search|deposit|styleguide|vocabularies/.*[^/])/)$";
const DOCUMENT = "^(?:/.*\\.(?:html|css|js|txt|svg|png|webp|jpg|ico|webmanifest|ttl|nt|rdf|jsonld|json|xml|bib)|/\\.well-known/api-catalog|/\\.well-known/resourcesync|/\\.well-known/void|/ldes|/records/[^/]+/timemap)$";
const BARE = "^(?:/(?:cs))?/(?:records/[^/]+|about/[^/]+|search|deposit|styleguide|vocabularies/.*[^/])$";
const NEGOTIATED = "^/records/[^/]+$";
const RECORD = "^(?:/(?:cs))?/records/([^/]+)(?:/|$)";
const OFFERS = ["text/html application/xhtml+xml","application/ld+json application/vnd.schemaorg.ld+json","text/turtle application/x-turtle","application/n-triples","application/vnd.datacite.datacite+json","application/vnd.datacite.datacite+xml","application/x-dc+xml","application/x-oai-datacite+xml","application/x-oai-openaire+xml","application/marcxml+xml","application/mods+xml","application/rdf+xml application/dcat+xml","application/vnd.ccmm+xml","application/vnd.codemeta.ld+json","application/yaml application/vnd.cff+yaml application/x-yaml text/yaml text/x-yaml","application/vnd.datapackage+json","application/geo+json application/vnd.geo+json","application/vnd.citationstyles.csl+json application/citeproc+json","application/x-bibtex text/x-bibtex","application/x-research-info-systems","text/x-bibliography","application/vnd.inveniordm.v1.simple+csv text/csv","application/vnd.inveniordm.v1.full+csv","application/linkset+json","application/linkset"];
const FILES = ["schema.jsonld","record.ttl","","","datacite.xml","","","","","","","","","","","","","record.bib","","","","","linkset.json",""];
const ALWAYS = {"x-content-type-options":"nosniff","referrer-policy":"strict-origin-when-cross-origin","strict-transport-security":"max-age=31536000"};
const HEADERS = {"content-security-policy":[["\\.html$","default-src 'none'; style-src 'self'; img-src 'self'; manifest-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"],["","default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"]],"vary":[["^/static/",""],["^(?:/(?:cs))?/records/[^/]+/index\\.html$","Accept, Accept-Profile, Cookie, Authorization"],["^/records/[^/]+/(?:schema\\.jsonld|record\\.ttl|datacite\\.xml|record\\.bib|linkset\\.json)$","Accept, Accept-Profile, Cookie, Authorization"],["^(?:/(?:cs))?/vocabularies/index\\.html$","Cookie, Authorization"],["^(?:/(?:cs))?/vocabularies/","Accept, Cookie, Authorization"],["","Cookie, Authorization"]],"access-control-allow-origin":[["^(?:/api|/login|/logout|/uploads|/deposit|/metrics|/healthz|/readyz)",""],["","*"]],"access-control-expose-headers":[["^(?:/api|/login|/logout|/uploads|/deposit|/metrics|/healthz|/readyz)",""],["","Link, Content-Location, Content-Profile, Memento-Datetime, ETag, Content-Range, Content-Length"]],"content-location":[["^/records/[^/]+/(?:schema\\.jsonld|record\\.ttl|datacite\\.xml|record\\.bib|linkset\\.json)$","{path}"],["^/vocabularies/[^:?%]*\\.(?:ttl|jsonld|rdf|nt)$","{path}"],["",""]],"content-profile":[["^/records/[^/]+/schema\\.jsonld$","<https://schema.org/>"],["^/records/[^/]+/record\\.ttl$","<https://semiceu.github.io/DCAT-AP/releases/3.0.1/>"],["^/records/[^/]+/datacite\\.xml$","<http://datacite.org/schema/kernel-4>"],["",""]],"link":[["^(?:/(?:cs))?/records/[^/]+/index\\.html$","<https://repository.example.org/records/{record}/linkset.json>; rel=\"linkset\"; type=\"application/linkset+json\", <https://repository.example.org/records/{record}/linkset>; rel=\"linkset\"; type=\"application/linkset\", <https://repository.example.org/records/{record}/schema.jsonld>; rel=\"describedby\"; type=\"application/ld+json\", <https://repository.example.org/records/{record}/record.ttl>; rel=\"describedby\"; type=\"text/turtle\", <https://repository.example.org/records/{record}/datacite.xml>; rel=\"describedby\"; type=\"application/vnd.datacite.datacite+xml\", <https://repository.example.org/records/{record}/record.bib>; rel=\"describedby\"; type=\"application/x-bibtex\", <https://schema.org/AboutPage>; rel=\"type\""],["^/records/[^/]+/(?:schema\\.jsonld|record\\.ttl|datacite\\.xml|record\\.bib)$","<https://repository.example.org/records/{record}>; rel=\"describes\"; type=\"text/html\""],["^/\\.well-known/api-catalog$","<https://repository.example.org/.well-known/api-catalog>; rel=\"api-catalog\""],["",""]]};
function handler(event) {
if (event.context.eventType === 'viewer-response') return told(event.request, event.response);
if (isPersonal(event.request)) return live(event.request, event.context.requestId);
return found(event.request);
}
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
function kept(request, uri) {
request.uri = uri;
delete request.headers.accept;
return request;
}
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
function specificity(wanted, name) {
const offered = name.split('/');
if (wanted.kind === offered[0] && wanted.subtype === offered[1]) return 3;
if (wanted.subtype !== '*') return 0;
return wanted.kind === '*' ? 1 : wanted.kind === offered[0] ? 2 : 0;
}
function range(text) {
const parts = text.split(';');
const match = /^\s*([^\s\/]+)\/([^\s\/]+)\s*$/.exec(parts[0]);
const weight = parts.slice(1).map((part) => /^\s*q\s*=\s*(\S*)\s*$/i.exec(part)).find((found) => found);
const quality = weight ? weight[1] : '1';
if (match === null || !/^(0(\.\d*)?|1(\.0*)?|\.\d+)$/.test(quality)) return null;
return { kind: match[1].toLowerCase(), subtype: match[2].toLowerCase(), quality: Number(quality) };
}
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
