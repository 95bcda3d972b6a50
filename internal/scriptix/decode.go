package scriptix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decodedPage is one page of a list.
type decodedPage struct {
	items     []Session // in the API's order, without malformed ones
	places    []int     // the index in "result" of each item
	malformed error     // an *AnswerError about the first item without session_id or status; nil if there is none
	count     int       // number of items in "result", including malformed ones
	total     int64     // "total_results"
}

// redact replaces the token in a text. See Token.redactor.
type redact func(text string) string

// decodeSession reads the answer to the GET of one session, flat or in the envelope {"result": {…}}. No text of the session
// but its ID, which is the one asked for, holds the token. The error is always an *AnswerError. It may hold the token.
func decodeSession(body []byte, redact redact, sessionID string) (*Session, error) {
	session, result, err := decodeObject(body, redact)
	if err != nil {
		return nil, err
	}
	if session.SessionID == "" && result != nil {
		if session, _, err = decodeObject(result, redact); err != nil {
			return nil, err
		}
	}
	if err := session.check(); err != nil {
		return nil, err
	}
	if session.SessionID != sessionID {
		return nil, &AnswerError{Field: "session_id", Problem: "is that of another session", Value: session.SessionID}
	}
	session.ownGet = true
	return session, nil
}

// decodeObject reads a session whose essential fields may be missing, and the object in its member "result" if it has one.
func decodeObject(body []byte, redact redact) (*Session, []byte, error) {
	d := newDecoder(body, redact)
	session, problem := d.session()
	if err := d.end(problem); err != nil {
		return nil, nil, err
	}
	return &session, d.result, nil
}

// decodePage reads an answer of the list endpoint. It leaves out items without session_id or status and reports the first
// of them, because only the caller knows whether they matter. No text of an item holds the token. The error is always an
// *AnswerError. It may hold the token, as the report of an item may.
func decodePage(body []byte, redact redact) (decodedPage, error) {
	d := newDecoder(body, redact)
	page, problem := d.page()
	if err := d.end(problem); err != nil {
		return decodedPage{}, err
	}
	return page, nil
}

// check returns an error if an essential field is missing.
func (s *Session) check() error {
	if s.SessionID == "" {
		return &AnswerError{Field: "session_id", Problem: "is missing"}
	}
	if s.Status == "" {
		return &AnswerError{Field: "status", Problem: "is missing"}
	}
	return nil
}

// lenient makes the decoder accept what encoding/json accepts: the last of several members with the same name counts, and
// invalid UTF-8 is replaced.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// decoder reads JSON token by token. Keys match exactly, and a value of an unexpected type is no error. encoding/json
// ignores the case of keys, and stops at the first value that does not fit.
type decoder struct {
	in         *jsontext.Decoder
	body       []byte
	redact     redact
	name       []byte            // of the member whose value comes next
	scratch    []byte            // of value
	result     []byte            // the object in the member "result" of the latest session
	unexpected []UnexpectedField // of the session that is being read
	err        error             // the first violation of JSON's grammar; the decoder reads nothing after it
}

func newDecoder(body []byte, redact redact) *decoder {
	return &decoder{in: jsontext.NewDecoder(bytes.NewBuffer(body), lenient), body: body, redact: redact}
}

// end returns what is wrong with the answer. Broken grammar comes first, because it makes everything else doubtful.
func (d *decoder) end(problem *AnswerError) error {
	offset := d.in.InputOffset()
	if d.err != nil {
		return notJSON(d.body, d.err, offset)
	}
	if _, err := d.in.ReadToken(); !errors.Is(err, io.EOF) {
		return notJSON(d.body, err, offset)
	}
	if problem != nil {
		return problem
	}
	return nil
}

// page reads a page.
func (d *decoder) page() (decodedPage, *AnswerError) {
	if problem := d.open(); problem != nil {
		return decodedPage{}, problem
	}
	var page decodedPage
	totalProblem := &AnswerError{Field: "total_results", Problem: "is missing"}
	resultProblem := &AnswerError{Field: "result", Problem: "is missing"}
	for d.next() {
		switch string(d.name) {
		case "total_results":
			page.total, totalProblem = d.total()
		case "result":
			page.items, page.places, page.malformed, page.count = nil, nil, nil, 0
			resultProblem = d.items(&page)
		default:
			d.skip()
		}
	}
	if totalProblem != nil {
		return page, totalProblem
	}
	return page, resultProblem
}

func (d *decoder) total() (int64, *AnswerError) {
	const field = "total_results"
	kind, text := d.value()
	if kind == jsontext.KindNull {
		return 0, &AnswerError{Field: field, Problem: "is missing"}
	}
	total, err := strconv.ParseInt(string(text), 10, 64)
	if kind != jsontext.KindNumber || err != nil {
		return 0, wrongType(field, "an integer", kind, text)
	}
	if total < 0 {
		return 0, &AnswerError{Field: field, Problem: "is negative"}
	}
	return total, nil
}

// items reads the sessions of a page into it.
func (d *decoder) items(page *decodedPage) *AnswerError {
	if kind := d.in.PeekKind(); kind != jsontext.KindBeginArray {
		d.skip()
		if kind == jsontext.KindNull {
			return &AnswerError{Field: "result", Problem: "is missing"}
		}
		return wrongType("result", "an array", kind, nil)
	}
	d.token()
	page.items = make([]Session, 0, PageSize)
	page.places = make([]int, 0, PageSize)
	for ; d.err == nil && d.in.PeekKind() != jsontext.KindEndArray; page.count++ {
		session, problem := d.session()
		if problem == nil {
			problem, _ = session.check().(*AnswerError) //nolint:errorlint // check returns no other type
		}
		switch {
		case problem == nil:
			session.SessionID = d.redact(session.SessionID)
			page.items = append(page.items, session)
			page.places = append(page.places, page.count)
		case page.malformed == nil:
			problem.Field = strings.TrimSuffix(fmt.Sprintf("result[%d].%s", page.count, problem.Field), ".")
			page.malformed = problem
		}
	}
	d.token()
	return nil
}

// session reads a session. The problem is an essential field of another type, or a value that is no object.
func (d *decoder) session() (session Session, problem *AnswerError) {
	d.unexpected, d.result = nil, nil
	if problem := d.open(); problem != nil {
		return session, problem
	}
	for d.next() {
		switch string(d.name) {
		case "session_id":
			session.SessionID = d.essential("session_id", &problem)
		case "status":
			session.Status = d.status(&problem)
		case "id":
			session.ID = d.integer("id")
		case "filename":
			session.Filename = d.text("filename")
		case "duration":
			session.Duration = d.number("duration")
		case "language":
			session.Language = d.text("language")
		case "media_type":
			session.MediaType = d.text("media_type")
		case "media_url":
			session.MediaURL = d.text("media_url")
		case "error":
			session.Error = d.text("error")
		case "created_at":
			session.CreatedAt = d.timestamp("created_at")
		case "started_at":
			session.StartedAt = d.timestamp("started_at")
		case "finished_at":
			session.FinishedAt = d.timestamp("finished_at")
		case "document":
			session.Document = d.document()
		case "session_mode":
			session.SessionMode = d.text("session_mode")
		case "custom_model_id":
			session.CustomModelID = d.integer("custom_model_id")
		case "result":
			d.result = d.object()
		default:
			d.skip()
		}
	}
	session.UnexpectedFields = d.unexpected
	return session, problem
}

func (d *decoder) document() *Document {
	if kind := d.in.PeekKind(); kind != jsontext.KindBeginObject {
		kind, text := d.value()
		d.noteUnexpected("document", "an object", kind, text)
		return nil
	}
	d.token()
	document := &Document{}
	for d.next() {
		switch string(d.name) {
		case "id":
			document.ID = d.identifier("document.id")
		case "name":
			document.Name = d.text("document.name")
		case "type":
			document.Type = d.text("document.type")
		default:
			d.skip()
		}
	}
	return document
}

// essential reads a field that the session cannot do without. It returns "" for null.
func (d *decoder) essential(field string, problem **AnswerError) string {
	kind, text := d.value()
	if kind != jsontext.KindString && kind != jsontext.KindNull && *problem == nil {
		*problem = wrongType(field, "a string", kind, nil)
	}
	return string(text)
}

// status reads the status. It keeps the four documented words, even if the token is one of them. It ignores the case of the four documented words, because a gate would otherwise wait forever.
func (d *decoder) status(problem **AnswerError) Status {
	word := d.essential("status", problem)
	if Status(word).documented() {
		return Status(word)
	}
	for _, status := range Statuses() {
		if strings.EqualFold(word, string(status)) {
			d.noteUnexpected("status", strconv.Quote(string(status)), jsontext.KindString, []byte(word))
			return status
		}
	}
	return Status(d.redact(word))
}

func (d *decoder) text(field string) *string {
	kind, text := d.value()
	if kind != jsontext.KindString {
		d.noteUnexpected(field, "a string", kind, text)
		return nil
	}
	return d.clean(text)
}

func (d *decoder) timestamp(field string) *string {
	kind, text := d.value()
	if kind == jsontext.KindString {
		if _, err := time.Parse(time.RFC3339, string(text)); err == nil {
			return d.clean(text)
		}
	}
	d.noteUnexpected(field, "an RFC 3339 timestamp", kind, text)
	return nil
}

func (d *decoder) integer(field string) *int64 {
	kind, text := d.value()
	if kind == jsontext.KindNumber {
		if number, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			return &number
		}
	}
	d.noteUnexpected(field, "an integer", kind, text)
	return nil
}

func (d *decoder) number(field string) *float64 {
	kind, text := d.value()
	if kind == jsontext.KindNumber {
		if number, err := strconv.ParseFloat(string(text), 64); err == nil {
			return &number
		}
	}
	d.noteUnexpected(field, "a number", kind, text)
	return nil
}

// identifier reads a number as it is written, or a string. The API's pages show both.
func (d *decoder) identifier(field string) *string {
	kind, text := d.value()
	if kind != jsontext.KindNumber && kind != jsontext.KindString {
		d.noteUnexpected(field, "a number or a string", kind, text)
		return nil
	}
	return d.clean(text)
}

// clean returns the text of a field without the token. Every text of a session comes from here, except its ID, its status,
// and what it holds unexpectedly.
func (d *decoder) clean(text []byte) *string {
	value := d.redact(string(text))
	return &value
}

// noteUnexpected records a field with an unexpected value. Every field may be null.
func (d *decoder) noteUnexpected(field, expected string, kind jsontext.Kind, value []byte) {
	if kind == jsontext.KindNull {
		return
	}
	unexpected := UnexpectedField{Field: field, Expected: expected, Kind: kindName(kind)}
	if field != "media_url" {
		unexpected.Value = cut(d.redact(string(value)))
	}
	if kind == jsontext.KindString && len(value) == 0 {
		unexpected.Kind = "an empty string"
	}
	d.unexpected = append(d.unexpected, unexpected)
}

// open reads the beginning of an object.
func (d *decoder) open() *AnswerError {
	if kind := d.in.PeekKind(); kind != jsontext.KindBeginObject {
		kind, text := d.value()
		return wrongType("", "an object", kind, text)
	}
	d.token()
	return nil
}

// next moves to the next member of the object that was opened last, and reports whether there is one.
func (d *decoder) next() bool {
	if d.err != nil {
		return false
	}
	if d.in.PeekKind() == jsontext.KindEndObject {
		d.token()
		return false
	}
	name, err := d.in.ReadValue()
	if err != nil {
		d.err = err
		return false
	}
	d.name, _ = jsontext.AppendUnquote(d.name[:0], name) // the error is about invalid UTF-8, which it replaces
	return true
}

// value reads a value. The text is that of a string or number, and empty for other types. The next value overwrites it. A
// broken value is null.
func (d *decoder) value() (jsontext.Kind, []byte) {
	kind := d.in.PeekKind()
	if kind == jsontext.KindBeginObject || kind == jsontext.KindBeginArray {
		d.skip()
		return kind, nil
	}
	value, err := d.in.ReadValue()
	if err != nil {
		d.err = err
		return jsontext.KindNull, nil
	}
	switch kind {
	case jsontext.KindString:
		d.scratch, _ = jsontext.AppendUnquote(d.scratch[:0], value) // the error is about invalid UTF-8, which it replaces
		return kind, d.scratch
	case jsontext.KindNumber:
		return kind, value
	default:
		return kind, nil
	}
}

// token reads the beginning or the end of an object or array.
func (d *decoder) token() {
	if d.err == nil {
		_, d.err = d.in.ReadToken()
	}
}

// object reads an object and returns its text. It returns nil for another value.
func (d *decoder) object() []byte {
	if d.in.PeekKind() != jsontext.KindBeginObject {
		d.skip()
		return nil
	}
	value, err := d.in.ReadValue()
	d.err = err
	end := d.in.InputOffset()
	return d.body[end-int64(len(value)) : end] // the decoder reuses the memory of value
}

func (d *decoder) skip() {
	if d.err == nil {
		d.err = d.in.SkipValue()
	}
}
