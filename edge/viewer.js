// A CloudFront function (runtime cloudfront-js-2.0) for viewer requests. The constant `settings` is put before this file when the
// function is published.
const crypto = require('crypto');

// rebuild writes the query string as it came: CloudFront has split it but left its escapes alone.
function rebuild(querystring) {
  const pairs = [];
  for (const name of Object.keys(querystring)) {
    const parameter = querystring[name];
    for (const one of parameter.multiValue || [parameter]) {
      pairs.push(one.value === '' ? name : name + '=' + one.value);
    }
  }
  return pairs.length === 0 ? '' : '?' + pairs.join('&');
}

// redirect sends the apex, and CloudFront's own name, to the name that serves the site's pages. A browser that only ever asked for the apex
// is held to HTTPS too.
function redirect(request) {
  const kept = request.method === 'GET' || request.method === 'HEAD';
  return {
    // Only 308 obliges a client to repeat the method and the body.
    statusCode: kept ? 301 : 308,
    statusDescription: kept ? 'Moved Permanently' : 'Permanent Redirect',
    headers: {
      location: { value: 'https://' + settings.site + request.uri + rebuild(request.querystring) },
      'strict-transport-security': { value: settings.hsts },
    },
  };
}

// isStaff says whether the request has the pass, of which only the hash is known here.
function isStaff(headers) {
  const pass = headers[settings.passHeader];
  return Boolean(settings.closed.passHash && pass) &&
    crypto.createHash('sha256').update(pass.value).digest('hex') === settings.closed.passHash;
}

function isAPI(uri) {
  return settings.closed.api.some((path) => (path.endsWith('*') ? uri.startsWith(path.slice(0, -1)) : uri === path));
}

// closed is the answer to everybody else while the site is closed by hand.
function closed(uri) {
  const json = isAPI(uri);
  return {
    statusCode: 503,
    statusDescription: 'Service Unavailable',
    headers: {
      'content-type': { value: json ? 'application/json' : 'text/html; charset=utf-8' },
      'cache-control': { value: 'no-store' },
      'retry-after': { value: String(settings.closed.retryAfter) },
      'strict-transport-security': { value: settings.hsts },
    },
    body: { encoding: 'text', data: json ? settings.closed.json : settings.closed.page },
  };
}

// pictures leaves of Accept what the image optimizer chooses by: the header is part of the cache key, and every browser has its own.
function pictures(headers) {
  const accept = headers.accept ? headers.accept.value : '';
  const formats = ['image/avif', 'image/webp'].filter((format) => accept.includes(format));
  headers.accept = { value: formats.concat('*/*').join(',') };
}

// resolved is a path as CloudFront compares it with the behaviours: escapes, dot segments and double
// slashes resolved. The request goes on as it came.
function resolved(uri) {
  const plain = uri.replace(/%([0-9a-f]{2})/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));
  const kept = [];
  for (const segment of plain.split('/')) {
    if (segment === '..') {
      kept.pop();
    } else if (segment !== '' && segment !== '.') {
      kept.push(segment);
    }
  }
  return '/' + kept.join('/');
}

function handler(event) {
  const request = event.request;
  const headers = request.headers;
  const host = headers.host ? headers.host.value.toLowerCase() : '';
  if (host !== settings.site && !settings.hosts.includes(host)) {
    return redirect(request);
  }
  if (settings.closed && request.uri !== settings.closed.health && !isStaff(headers)) {
    return closed(request.uri);
  }
  for (const name of settings.drop) {
    delete headers[name];
  }
  if (resolved(request.uri) === settings.images) {
    pictures(headers);
  }
  return request;
}
