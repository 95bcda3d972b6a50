package scriptix

import (
	"time"

	"golang.org/x/time/rate"
)

// plan is a plan of the API's public page on rate limits. The X-RateLimit headers describe one window only, the minute or
// the hour. A plan that is recognized by one window also gives the limit of the other, which a wait would otherwise
// exhaust unseen: on the smallest plan, the requests of an hour last ten minutes. The zero plan is unknown and limits
// nothing.
type plan struct {
	name      string
	perMinute int
	perHour   int

	byMinute bool          // recognized by the limit of a minute, which no other window has
	other    *rate.Limiter // the window that the headers do not describe
}

// plans are those of the API's public page.
var plans = []plan{
	{name: "Free", perMinute: 10, perHour: 100},
	{name: "Bronze", perMinute: 30, perHour: 500},
	{name: "Silver", perMinute: 60, perHour: 2000},
	{name: "Gold", perMinute: 120, perHour: 5000},
}

// burstShare is the share of a window's requests that may be sent at any moment. The rest is spread evenly. Both together
// are the complete window: with more, no request would be left at its end.
const burstShare = 0.1

// recognize takes in the window that an answer showed, and reports whether the answer is the first that shows the plan.
// The limit alone is not enough, because a limit of ten may be that of ten seconds. The time until the reset tells a
// minute from an hour.
func (p *plan) recognize(shown budget, now time.Time) bool {
	left := shown.reset.Sub(now)
	isMinute := left > time.Minute/2 && left <= time.Minute+sameWindow
	isHour := left > time.Minute+sameWindow && left <= time.Hour+sameWindow
	for _, known := range plans {
		byMinute := isMinute && shown.limit == known.perMinute
		byHour := isHour && shown.limit == known.perHour && !p.byMinute
		if !byMinute && !byHour || p.name == known.name && p.byMinute == byMinute {
			continue
		}
		isNew := p.name != known.name
		*p = known
		p.byMinute = byMinute
		p.other = newWindow(known.perHour, time.Hour)
		if byHour {
			p.other = newWindow(known.perMinute, time.Minute)
		}
		return isNew
	}
	return false
}

func newWindow(limit int, length time.Duration) *rate.Limiter {
	even := float64(limit) * (1 - burstShare) / length.Seconds()
	return rate.NewLimiter(rate.Limit(even), max(1, int(float64(limit)*burstShare)))
}

// spend counts one answered request. Requests that do not poll may exceed the plan by one burst. A larger debt would hold
// back polls for hours. The bucket counts time by the wall clock, because the monotonic one stands still while the machine
// sleeps.
func (p *plan) spend(now time.Time) {
	now = now.Round(0)
	if p.other != nil && p.other.TokensAt(now) > -float64(p.other.Burst()) {
		p.other.ReserveN(now, 1)
	}
}

// ready returns when the other window has a request left besides those in flight; zero if it has one now, or is unknown.
func (p *plan) ready(inFlight int, now time.Time) time.Time {
	if p.other == nil {
		return time.Time{}
	}
	missing := float64(1+inFlight) - p.other.TokensAt(now.Round(0))
	if missing <= 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(missing / float64(p.other.Limit()) * float64(time.Second)))
}
