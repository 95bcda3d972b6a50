package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// checkSort reports whether the list obeys sort and direction, alone and with a status. The client sends neither: only
// another page of the API names them.
func checkSort(ctx context.Context, api *reader, _ []fields, findings *table) error {
	const sorted = "sort=created_at&direction=asc"
	total, err := checkSorted(ctx, api, sorted, findings)
	if err != nil {
		return err
	}
	// The oldest sessions may all be completed: then only the totals show whether the status filters.
	filtered, err := checkSorted(ctx, api, "status=completed&"+sorted, findings)
	if err != nil {
		return err
	}
	if total < 0 || filtered < 0 {
		return nil // refused, as the notes say
	}
	findings.note("list, total_results when sorted", "nothing", fmt.Sprintf("%d sessions, and %d with status=completed", total, filtered))
	return nil
}

// checkSorted reports the order of a list and returns its total_results.
func checkSorted(ctx context.Context, api *reader, query string, findings *table) (total int, err error) {
	reply, err := api.list(ctx, "?"+query+"&offset=0&limit=100")
	if err != nil {
		return 0, err
	}
	envelope, sessions := page(reply)
	findings.note("list, "+query, "nothing", "status "+strconv.Itoa(reply.status)+", "+order(sessions))
	return whole(envelope["total_results"]), nil
}

// order names the order of the sessions by their creation.
func order(sessions []fields) string {
	moments := creations(sessions)
	newest := func(a, b time.Time) int { return b.Compare(a) }
	switch {
	case len(slices.CompactFunc(slices.Clone(moments), time.Time.Equal)) < 2:
		return "fewer than two moments"
	case slices.IsSortedFunc(moments, newest):
		return "newest first"
	case slices.IsSortedFunc(moments, time.Time.Compare):
		return "oldest first"
	}
	return "another order"
}

// creations are the moments at which the sessions were created, as far as the list shows them.
func creations(sessions []fields) []time.Time {
	var moments []time.Time
	for _, session := range sessions {
		if moment, err := time.Parse(time.RFC3339, plain(session["created_at"])); err == nil {
			moments = append(moments, moment)
		}
	}
	return moments
}

func withStatus(sessions []fields, status string) int {
	count := 0
	for _, session := range sessions {
		if plain(session["status"]) == status {
			count++
		}
	}
	return count
}
