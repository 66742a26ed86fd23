/**
 * Scripts as Argo CD runs them, by a Lua interpreter of the machine: the basic functions that Lua 5.1 and later share,
 * `table`, and of `os`, by `require` alone, `date` and `time`. There is no `string`, not even behind a colon.
 */

import { spawnSync } from 'node:child_process';

export type Lua = Readonly<{ program: string; version: string }>;

/** `obj` is what the script finds under that name. */
export type LuaCall = Readonly<{ script: string; obj: unknown }>;

const PROGRAMS = ['lua5.1', 'luajit', 'lua5.4', 'lua5.3', 'lua'];
const LIMIT_MS = 20_000;

/** Those on the path, each version once. */
export function luaInterpreters(): readonly Lua[] {
  const found = new Map<string, Lua>();
  for (const program of PROGRAMS) {
    const { status, stdout, stderr } = spawnSync(program, ['-v'], { encoding: 'utf8', timeout: LIMIT_MS });
    const version = /Lua\S* \d+\.\d+(?:\.\d+)?/.exec(`${stdout}${stderr}`)?.[0];
    if (status === 0 && version !== undefined && !found.has(version))
      found.set(version, { program, version });
  }
  return [...found.values()];
}

/** What each script returned, in order; an empty table is an empty list, as Argo CD takes it. Throws where one fails. */
export function runLua({ program }: Lua, calls: readonly LuaCall[], nowMs: number): readonly unknown[] {
  const cases = calls.map(({ script, obj }) => `run(${literal(script)}, ${literal(obj)})`);
  const input = `${harness(Math.floor(nowMs / 1000))}\n${cases.join('\n')}\n`;
  const { status, stdout, stderr, error } = spawnSync(program, ['-'], {
    input,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (lines.length !== calls.length) throw new Error(`${calls.length} scripts gave ${lines.length} answers`);
  return lines.map((line) => JSON.parse(line) as unknown);
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (Array.isArray(value)) return `{${value.map(literal).join(', ')}}`;
  if (typeof value === 'object') {
    const members = Object.entries(value).map(([key, member]) => `[${quoted(key)}] = ${literal(member)}`);
    return `{${members.join(', ')}}`;
  }
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** Byte by byte, which every version reads alike. */
function quoted(text: string): string {
  const bytes = [...Buffer.from(text, 'utf8')].map((byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\${String(byte).padStart(3, '0')}`,
  );
  return `"${bytes.join('')}"`;
}

const harness = (now: number) => `
local format, gsub, byte = string.format, string.gsub, string.byte
local date, concat = os.date, table.concat
local strings = getmetatable("")

local function environment(obj)
  local own = { obj = obj, table = { concat = concat, insert = table.insert, remove = table.remove, sort = table.sort } }
  for _, name in ipairs({ "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
    "rawset", "select", "setmetatable", "tonumber", "tostring", "type" }) do
    own[name] = _G[name]
  end
  own.require = function(name)
    assert(name == "os", "there is no module " .. name)
    return { date = function(how, at) return date(how, at or ${now}) end, time = function() return ${now} end }
  end
  own._G = own
  return own
end

local function compiled(script, own)
  if setfenv == nil then return assert(load(script, "script", "t", own)) end
  return setfenv(assert(loadstring(script, "script")), own)
end

local function quote(text)
  local escaped = gsub(text, '[%c"\\\\]', function(sign) return format("\\\\u%04x", byte(sign)) end)
  return '"' .. escaped .. '"'
end

local encode
local function encoded(value)
  local parts = {}
  if value[1] ~= nil or next(value) == nil then
    for _, item in ipairs(value) do parts[#parts + 1] = encode(item) end
    return "[" .. concat(parts, ",") .. "]"
  end
  for key, item in pairs(value) do parts[#parts + 1] = quote(key) .. ":" .. encode(item) end
  return "{" .. concat(parts, ",") .. "}"
end
encode = function(value)
  if type(value) == "table" then return encoded(value) end
  if type(value) == "string" then return quote(value) end
  return tostring(value)
end

function run(script, obj)
  local body = compiled(script, environment(obj))
  strings.__index = nil
  local result = body()
  strings.__index = string
  print(encode(result))
end
`;
