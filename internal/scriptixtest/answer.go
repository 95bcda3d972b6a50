package scriptixtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strconv"
)

// answer is a complete answer, built before any of it is sent.
type answer struct {
	status    int
	header    http.Header
	body      string
	truncated bool // send only half of the body
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
		// The server closes the connection itself if less is written than Content-Length promises.
		body = body[:len(body)/2]
	}
	// An error means that the client has left.
	_, _ = w.Write([]byte(body))
}

// hangUp closes the connection without an answer. Over TCP, it sends an RST.
func hangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// Not a connection of HTTP/1. This is how net/http aborts an answer.
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// toJSON encodes one of this package's types, which all can be encoded.
func toJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("unreachable: %v", err))
	}
	return string(text)
}
