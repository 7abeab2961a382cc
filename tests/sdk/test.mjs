// SPDX-License-Identifier: Apache-2.0
// The product's official SDK, the newest one and an older one, with only its base URL changed.
// SSLAUTO_URL, SSLAUTO_TOKEN (everything), SSLAUTO_READER (Zone Read alone), SSLAUTO_OWNED (of the
// account acme), SSLAUTO_ACCOUNT, SSLAUTO_ZONES (how many).
import assert from 'node:assert/strict';
import Newest from 'cloudflare';
import Older from 'cloudflare-4';

const url = process.env.SSLAUTO_URL;
const accountId = process.env.SSLAUTO_ACCOUNT;
const wanted = Number(process.env.SSLAUTO_ZONES);

async function lists(client) {
  const names = new Set();
  for await (const zone of client.zones.list({ per_page: 7, account: { id: accountId } })) {
    assert.match(zone.id, /^[0-9a-f]{32}$/);
    assert.equal(zone.account.name, 'acme');
    names.add(zone.name);
  }
  assert.equal(names.size, wanted, 'every zone once, page by page');
  const page = await client.zones.list({ per_page: 5, page: 2, order: 'name', direction: 'desc' });
  assert.equal(page.result.length, 5);
  const found = await client.zones.list({ name: 'starts_with:site1', match: 'all' });
  assert.ok(found.result.every((zone) => zone.name.startsWith('site1')));
  const beyond = await client.zones.list({ page: 9999 });
  assert.equal(beyond.result.length, 0);
  return names;
}

async function settings(client, zone_id) {
  const set = (id, body) => client.zones.settings.edit(id, { zone_id, ...body });
  const get = (id) => client.zones.settings.get(id, { zone_id });
  assert.equal((await set('ssl_automatic_mode', { value: 'auto' })).value, 'auto');
  const automatic = await get('ssl_automatic_mode');
  assert.equal(automatic.id, 'ssl_automatic_mode');
  assert.ok(!Number.isNaN(Date.parse(automatic.next_scheduled_scan)));
  for (const value of ['off', 'flexible', 'full', 'strict']) {
    assert.equal((await set('ssl', { value })).value, value);
    assert.equal((await get('ssl')).value, value);
  }
  assert.ok(!Number.isNaN(Date.parse((await get('ssl')).modified_on)));
  const custom = await get('ssl_automatic_mode');
  assert.equal(custom.value, 'custom', 'a mode set by hand is honoured');
  assert.ok(!('next_scheduled_scan' in custom));
  assert.equal((await set('ssl_recommender', { enabled: true })).enabled, true);
  assert.equal((await get('ssl_recommender')).enabled, true);
  assert.equal((await set('ssl_recommender', { enabled: false })).enabled, false);
}

async function raw(client, zone_id) {
  const all = await client.get(`/zones/${zone_id}/settings`);
  assert.deepEqual(all.result.map((s) => s.id), ['ssl', 'ssl_automatic_mode', 'ssl_recommender']);
  const bulk = await client.patch(`/zones/${zone_id}/settings`, {
    body: { items: [{ id: 'ssl', value: 'full' }, { id: 'ssl_automatic_mode', value: 'custom' }] },
  });
  assert.deepEqual(bulk.result.map((s) => s.value), ['full', 'custom']);
  const recommendation = client.ssl.recommendations?.get
    ? await client.ssl.recommendations.get({ zone_id })
    : (await client.get(`/zones/${zone_id}/ssl/recommendation`)).result;
  assert.equal(recommendation.value, 'custom');
  const rescan = await client.post(`/zones/${zone_id}/ssl/rescan`);
  assert.equal(rescan.success, true);
  const history = await client.get(`/zones/${zone_id}/ssl/history`);
  assert.ok(history.result.some((event) => event.actor === 'token:sdk'));
}

async function failure(promise, type, status, code) {
  let error;
  await promise.catch((e) => { error = e; });
  assert.ok(error instanceof type, `${type.name}: ${error}`);
  assert.equal(error.status, status);
  assert.equal(error.errors[0].code, code);
  assert.ok(error.errors[0].message.length > 0);
}

async function errors(Client, client, options, zone_id) {
  const reader = new Client({ ...options, apiToken: process.env.SSLAUTO_READER });
  const nobody = new Client({ ...options, apiToken: 'nobody' });
  const edit = (c, value) => c.zones.settings.edit('ssl', { zone_id, value });
  await failure(nobody.zones.get({ zone_id }), Client.AuthenticationError, 401, 10000);
  await failure(nobody.user.tokens.verify(), Client.AuthenticationError, 401, 1000);
  await failure(edit(reader, 'full'), Client.PermissionDeniedError, 403, 9109);
  await failure(client.zones.get({ zone_id: '0'.repeat(32) }), Client.NotFoundError, 404, 7003);
  await failure(edit(client, 'best'), Client.BadRequestError, 400, 1007);
  await failure(edit(client, 'origin_pull'), Client.PermissionDeniedError, 403, 1015);
  await failure(client.zones.settings.get('nothing', { zone_id }), Client.BadRequestError, 400, 1006);
  await failure(client.get(`/zones/${zone_id}/ssl/rollout`), Client.NotFoundError, 404, 12007);
}

async function tokens(Client, client, options) {
  assert.equal((await client.user.tokens.verify()).status, 'active');
  const owned = new Client({ ...options, apiToken: process.env.SSLAUTO_OWNED });
  assert.equal((await owned.accounts.tokens.verify({ account_id: accountId })).status, 'active');
  await failure(owned.user.tokens.verify(), Client.AuthenticationError, 401, 1000);
}

for (const [name, Client] of [['newest', Newest], ['4', Older]]) {
  const options = { baseURL: url, apiToken: process.env.SSLAUTO_TOKEN };
  const client = new Client(options);
  const names = await lists(client);
  const zone = (await client.zones.list({ name: [...names][name === '4' ? 1 : 0] })).result[0];
  assert.equal((await client.zones.get({ zone_id: zone.id })).id, zone.id);
  await settings(client, zone.id);
  await raw(client, zone.id);
  await errors(Client, client, options, zone.id);
  await tokens(Client, client, options);
  console.log(`cloudflare ${name}: good`);
}
