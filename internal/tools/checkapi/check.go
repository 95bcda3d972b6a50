package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// fields are a JSON object as it came.
type fields map[string]json.RawMessage

// check asks for what can be read, and compares it with what the client is built on.
func check(ctx context.Context, api *reader, documents bool, findings *table) error {
	reply, err := api.list(ctx, "?offset=0&limit=100")
	if err != nil {
		return err
	}
	if reply.status == http.StatusUnauthorized || reply.status == http.StatusForbidden {
		return fmt.Errorf("the API refuses the token with status %d", reply.status)
	}
	findings.add("list", "status 200", "status "+strconv.Itoa(reply.status), reply.status == http.StatusOK)
	checkRateLimitHeaders(reply, findings)
	sessions := checkPage(reply, findings)
	checkOrder(sessions, findings)
	checkSessions("listed", sessions, findings)

	steps := []func(context.Context, *reader, []fields, *table) error{
		checkDefaultLimit, checkLimitOverMaximum, checkOffset, checkStatusFilter, checkSort, checkSingles, checkWrongID, checkWrongToken,
	}
	if documents {
		steps = append(steps, checkDocument)
	}
	for _, step := range steps {
		if err := step(ctx, api, sessions, findings); err != nil {
			return err
		}
	}
	checkWindow(api.replies, findings)
	return nil
}

func checkPage(reply *answer, findings *table) []fields {
	envelope, sessions := page(reply)
	for _, member := range []assumption{{"count", []kind{integer}}, {"total_results", []kind{integer}}, {"result", []kind{array}}} {
		checkField("list", []fields{envelope}, member, findings)
	}
	count, total := whole(envelope["count"]), whole(envelope["total_results"])
	findings.add("list, count", "the sessions of the page", fmt.Sprintf("%d, and %d sessions", count, len(sessions)), count == len(sessions))
	findings.add("list, total_results", "the sessions of all pages", fmt.Sprintf("%d, and %d sessions of at most 100", total, len(sessions)),
		min(total, 100) == len(sessions))
	return sessions
}

// checkRateLimitHeaders takes it that headers may be missing: then the client does without.
func checkRateLimitHeaders(reply *answer, findings *table) {
	for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		value := reply.header.Get(name)
		if value == "" {
			findings.notSeen(name, "whole number", "no such header")
			continue
		}
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil || number < 0 {
			findings.add(name, "whole number", "something else", false)
			continue
		}
		if name == "X-RateLimit-Reset" {
			checkReset(reply, time.Unix(number, 0), findings)
			continue
		}
		findings.add(name, "whole number", strconv.FormatInt(number, 10), true)
	}
	_, err := http.ParseTime(reply.header.Get("Date"))
	findings.add("Date", "the API's clock", map[bool]string{true: "a date", false: "none"}[err == nil], err == nil)
}

// checkReset expects Unix seconds: seconds from now, or milliseconds, would lie far away.
func checkReset(reply *answer, reset time.Time, findings *table) {
	left := reset.Sub(reply.clock())
	near := left > -time.Minute && left <= 24*time.Hour+time.Minute
	seen := "in " + left.Round(time.Second).String()
	if !near {
		seen = "no moment within a day"
	}
	findings.add("X-RateLimit-Reset", "Unix seconds within a day", seen, near)
}

func checkOrder(sessions []fields, findings *table) {
	const subject, assumed = "list, order", "newest first"
	moments := creations(sessions)
	if len(moments) < 2 {
		findings.notSeen(subject, assumed, "fewer than two sessions")
		return
	}
	newestFirst := slices.IsSortedFunc(moments, func(a, b time.Time) int { return b.Compare(a) })
	findings.add(subject, assumed, map[bool]string{true: "newest first", false: "another order"}[newestFirst], newestFirst)
}

func checkDefaultLimit(ctx context.Context, api *reader, all []fields, findings *table) error {
	reply, err := api.list(ctx, "")
	if err != nil {
		return err
	}
	_, sessions := page(reply)
	findings.add("list without limit", "25 sessions", strconv.Itoa(len(sessions))+" of "+strconv.Itoa(len(all)),
		reply.status == http.StatusOK && len(sessions) == min(25, len(all)))
	return nil
}

// checkLimitOverMaximum only finds a limit of pages on accounts with more than a page of sessions.
func checkLimitOverMaximum(ctx context.Context, api *reader, all []fields, findings *table) error {
	const subject, assumed = "list, limit=101", "at most 100 sessions, or a refusal"
	reply, err := api.list(ctx, "?offset=0&limit=101")
	if err != nil {
		return err
	}
	_, sessions := page(reply)
	seen := fmt.Sprintf("status %d, %d sessions", reply.status, len(sessions))
	if reply.status == http.StatusOK && len(all) < 100 {
		findings.notSeen(subject, assumed, seen)
		return nil
	}
	refused := reply.status == http.StatusBadRequest || reply.status == http.StatusUnprocessableEntity
	findings.add(subject, assumed, seen, refused || reply.status == http.StatusOK && len(sessions) <= 100)
	return nil
}

func checkOffset(ctx context.Context, api *reader, all []fields, findings *table) error {
	const subject, assumed = "list, offset=1", "begins with the second session"
	if len(all) < 2 {
		findings.notSeen(subject, assumed, "fewer than two sessions")
		return nil
	}
	reply, err := api.list(ctx, "?offset=1&limit=1")
	if err != nil {
		return err
	}
	_, sessions := page(reply)
	holds := len(sessions) == 1 && plain(sessions[0]["session_id"]) == plain(all[1]["session_id"])
	findings.add(subject, assumed, map[bool]string{true: "the second session", false: fmt.Sprintf("%d sessions, not it", len(sessions))}[holds], holds)
	return nil
}

// checkStatusFilter asks for a status that not all sessions have: otherwise an API that ignores it would look the same.
func checkStatusFilter(ctx context.Context, api *reader, all []fields, findings *table) error {
	status := "completed"
	if withStatus(all, status) == len(all) {
		status = "failed"
	}
	subject, assumed := "list, status="+status, status+" sessions only"
	reply, err := api.list(ctx, "?status="+status+"&offset=0&limit=100")
	if err != nil {
		return err
	}
	_, sessions := page(reply)
	if len(all) == 0 {
		findings.notSeen(subject, assumed, "no sessions")
		return nil
	}
	found := withStatus(sessions, status)
	findsAny := found > 0 || withStatus(all, status) == 0
	findings.add(subject, assumed, fmt.Sprintf("%d sessions, %d of them not %s", len(sessions), len(sessions)-found, status),
		reply.status == http.StatusOK && found == len(sessions) && findsAny)
	return nil
}

// checkSingles reads one session of each final status by its own GET: the two have different fields.
func checkSingles(ctx context.Context, api *reader, all []fields, findings *table) error {
	for _, status := range []string{"completed", "failed"} {
		at := slices.IndexFunc(all, func(session fields) bool { return plain(session["status"]) == status })
		if at < 0 {
			findings.notSeen("one "+status+" session", "a flat object", "no such session")
			continue
		}
		reply, err := api.session(ctx, plain(all[at]["session_id"]))
		if err != nil {
			return err
		}
		session := checkEnvelope(status, reply, findings)
		checkSessions("one "+status, []fields{session}, findings)
		if session != nil {
			checkListed(status, all[at], session, findings)
		}
	}
	return nil
}

// checkEnvelope tells a flat object from a wrapped one; the client takes both.
func checkEnvelope(status string, reply *answer, findings *table) fields {
	subject := "one " + status + " session"
	const flat = "a flat object"
	if reply.status != http.StatusOK || !json.Valid(reply.body) {
		findings.add(subject, flat, "status "+strconv.Itoa(reply.status)+", no object", false)
		return nil
	}
	session, wrapped := unwrap(reply)
	switch {
	case session == nil:
		findings.add(subject, flat, "an object of another kind", false)
	case wrapped:
		findings.note(subject, flat, "wrapped in result")
	default:
		findings.add(subject, flat, flat, true)
	}
	return session
}
