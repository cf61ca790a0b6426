/** Formats of strings. Each check is linear in the length of the string. */

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
  return day >= 1 && day <= days;
}

function isTime(text: string): boolean {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.\d{1,20})?(?:z|[+-](\d\d):(\d\d))$/i.exec(text);
  if (!match) return false;
  const numbers = match.slice(1).map((part: string | undefined) => Number(part ?? 0));
  const [hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = numbers;
  const isLeapSecond = second === 60 && minute === 59;
  return hour <= 23 && minute <= 59 && (second <= 59 || isLeapSecond) && zoneHour <= 23 && zoneMinute <= 59;
}

function isDateTime(text: string): boolean {
  return /^[Tt ]$/.test(text.charAt(10)) && isDate(text.slice(0, 10)) && isTime(text.slice(11));
}

function isDuration(text: string): boolean {
  if (text.length > 80) return false;
  const isWeeks = /^P\d+W$/.test(text);
  return (
    isWeeks ||
    (/\d[A-Z]$/.test(text) && /^P(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/.test(text))
  );
}

function isHostname(text: string): boolean {
  if (text.length > 253) return false;
  return text.split('.').every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label));
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  if (local === '' || local.length > 64 || !/^[^\s@"(),:;<>[\\\]]+$/.test(local)) return false;
  return (
    !local.startsWith('.') && !local.endsWith('.') && !local.includes('..') && isHostname(text.slice(at + 1))
  );
}

function isIpv4(text: string): boolean {
  const parts = text.length <= 15 ? text.split('.') : [];
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  if (text.length > 45) return false;
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length > 0) return false;
  const groups = [...splitGroups(head), ...splitGroups(tail ?? '')];
  const last = groups.at(-1);
  const isMixed = last?.includes('.') === true;
  if (isMixed && (!isIpv4(last) || (tail ?? head) === '')) return false;
  const plain = isMixed ? groups.slice(0, -1) : groups;
  const count = plain.length + (isMixed ? 2 : 0);
  return (
    plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) && (tail === undefined ? count === 8 : count <= 7)
  );
}

function splitGroups(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}

function isUri(text: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:[!#$%&'()*+,/0-9:;=?@A-Z[\]_a-z~.-]+$/i.test(text) && !/%(?![0-9a-f]{2})/i.test(text)
  );
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: isTime,
  'date-time': isDateTime,
  duration: isDuration,
  email: isEmail,
  hostname: isHostname,
  ipv4: isIpv4,
  ipv6: isIpv6,
  uri: isUri,
  uuid: isUuid,
};
