// How times read on a trace: on the participant's clock, in the page's language, as fine as what is shown.

/**
 * @param {string} locale of the page
 * @param {string} zone IANA time zone of the participant
 */
export function times(locale, zone) {
  const format = (options) => new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const formats = {
    fraction: format({ ...clock, second: "2-digit", fractionalSecondDigits: 3 }),
    second: format({ ...clock, second: "2-digit" }),
    minute: format(clock),
    day: format({ day: "numeric", month: "short" }),
    month: format({ month: "short", year: "numeric" }),
    whole: format({ day: "numeric", month: "short", year: "numeric", ...clock, second: "2-digit", timeZoneName: "short" }),
    date: format({ day: "numeric", month: "short", year: "numeric" }),
  };
  const text = (name, seconds) => formats[name].format(new Date(seconds * 1000));

  /** What stands under the lines of an axis that are `step` seconds apart; the date where it changes. */
  function ticks(splits, step) {
    if (step >= 27 * 86400) return splits.map((at) => text("month", at));
    if (step >= 86400) return splits.map((at) => text("day", at));
    const fine = step < 1 ? "fraction" : step < 60 ? "second" : "minute";
    let day = "";
    return splits.map((at) => {
      const [now, before] = [text("day", at), day];
      day = now;
      return now === before ? text(fine, at) : `${text(fine, at)}\n${now}`;
    });
  }

  /** One moment; with milliseconds when `fine`. */
  function moment(at, fine) {
    return fine ? `${text("date", at)}, ${text("fraction", at)}` : text("whole", at);
  }

  return { ticks, moment };
}
