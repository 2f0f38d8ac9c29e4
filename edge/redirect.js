// A CloudFront function (runtime cloudfront-js-2.0) for viewer requests. The constant `site`, the one host name that serves pages, is
// put before this file when the function is published.

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

function handler(event) {
  const request = event.request;
  const host = request.headers.host ? request.headers.host.value.toLowerCase() : '';
  if (host === site) {
    return request;
  }
  const kept = request.method === 'GET' || request.method === 'HEAD';
  return {
    // Only 308 obliges a client to repeat the method and the body.
    statusCode: kept ? 301 : 308,
    statusDescription: kept ? 'Moved Permanently' : 'Permanent Redirect',
    headers: { location: { value: 'https://' + site + request.uri + rebuild(request.querystring) } },
  };
}
