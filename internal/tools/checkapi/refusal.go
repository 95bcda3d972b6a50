package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// checkWrongID asks for a session that cannot exist.
func checkWrongID(ctx context.Context, api *reader, _ []fields, findings *table) error {
	reply, err := api.session(ctx, "no-such-session-of-the-api-check")
	if err != nil {
		return err
	}
	checkRefusal("wrong session id", reply, http.StatusNotFound, []string{"SESSION_NOT_FOUND"}, findings)
	return nil
}

func checkWrongToken(ctx context.Context, api *reader, _ []fields, findings *table) error {
	reply, err := api.strange(ctx)
	if err != nil {
		return err
	}
	checkRefusal("wrong token", reply, http.StatusUnauthorized, []string{"INVALID_API_KEY", "MISSING_API_KEY", "KEY_REVOKED"}, findings)
	return nil
}

func checkRefusal(subject string, reply *answer, status int, codes []string, findings *table) {
	findings.add(subject, "status "+strconv.Itoa(status), "status "+strconv.Itoa(reply.status), reply.status == status)
	var body fields
	if json.Unmarshal(reply.body, &body) != nil {
		findings.add(subject+", body", "an object", "no JSON object", false)
		return
	}
	for _, name := range []string{"error", "message"} {
		seen := kindOf(body[name])
		findings.add(subject+", "+name, string(text), string(seen), seen == text)
	}
	code := plain(body["error_code"])
	findings.add(subject+", error_code", strings.Join(codes, " or "), word(code), slices.Contains(codes, code))
}
