package scriptixtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strconv"
)

// answer is a whole answer, made before any of it is sent.
type answer struct {
	status    int
	header    http.Header
	body      string
	truncated bool // send half of the body only
}

func newAnswer(status int, body string) *answer {
	return &answer{
		status: status,
		header: http.Header{"Content-Type": {"application/json"}},
		body:   body,
	}
}

func newErrorAnswer(status int, problem apiError) *answer {
	return newAnswer(status, toJSON(problem))
}

func (a *answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	body := a.body
	if a.truncated {
		// The server closes the connection itself when less is written than was promised.
		body = body[:len(body)/2]
	}
	// An error here means that the client is gone, and that is the client's business.
	_, _ = w.Write([]byte(body))
}

// hangUp closes the connection without an answer, over TCP with an RST.
func hangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// Not a connection of HTTP/1. This is net/http's own way of giving up on an answer.
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// toJSON writes one of this package's own types, all of which can be written.
func toJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("unreachable: %v", err))
	}
	return string(text)
}
