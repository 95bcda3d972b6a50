package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/scriptix/terraform-provider-scriptix/internal/scriptix"
	"github.com/scriptix/terraform-provider-scriptix/internal/wait"
)

// The summaries of all diagnostics that users can cause. They never change, because people search for them and scripts match them.
const (
	summaryInvalidArgument  = "Invalid Argument"
	summaryMissingAPIToken  = "Missing API Token"
	summaryUnknownArgument  = "Unknown Provider Argument"
	summaryInvalidAPIToken  = "Invalid API Token"
	summaryQuotaExceeded    = "Quota Exceeded"
	summaryAccessDenied     = "Access Denied"
	summaryNotFound         = "Session Not Found"
	summaryRateLimit        = "Rate Limit Reached"
	summaryUnableToRead     = "Unable to Read Session"
	summaryUnableToList     = "Unable to List Sessions"
	summaryUnexpectedAnswer = "Unexpected API Answer"
	summaryRedirect         = "Redirect Refused"
	summaryTimedOut         = "Reading Timed Out"
	summaryCancelled        = "Cancelled"
	summarySessionFailed    = "Session Failed"
	summaryStillProcessing  = "Session Still Processing"
	summaryNotFinished      = "Sessions Not Finished"
	summaryUnsettled        = "Session List Kept Changing"
	summaryUnrecognized     = "Unrecognised Session Status"
	summaryUnexpectedField  = "Unexpected Field in API Answer"
	summaryNoTimeout        = "No Timeout Set"
)

// longAgo is the age from which on a diagnostic says how old an answer is. The last look before a timeout makes it younger,
// unless the provider could not look.
const longAgo = 15 * time.Second

// maxEnumerated bounds an enumeration of sessions, and the number of diagnostics of one kind.
const maxEnumerated = 10

// invalidArgument returns the error for the value of an argument. The subject names the argument. The error never repeats the
// value: Terraform does not tell the provider which values are sensitive, and a variable can hold another secret by mistake.
func invalidArgument(at path.Path, subject string, problem error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, summaryInvalidArgument, subject+" "+problem.Error()+".")
}

// invalidValue returns the error for the value of an argument of a block.
func invalidValue(at path.Path, problem error) diag.Diagnostic {
	if steps := at.Steps(); len(steps) > 0 {
		if _, isElementOfSet := steps[len(steps)-1].(path.PathStepElementKeyValue); isElementOfSet {
			at = at.ParentPath() // the path of an element holds its value
		}
	}
	return invalidArgument(at, at.String(), problem)
}

// noTimeout returns the warning for timeouts that set none of those that the block has.
func noTimeout(timeouts path.Path, operations []string) diag.Diagnostic {
	var arguments []string
	for _, operation := range operations {
		arguments = append(arguments, timeouts.AtName(operation).String())
	}
	return diag.NewAttributeWarningDiagnostic(timeouts, summaryNoTimeout, paragraphs(
		fmt.Sprintf("%s sets no timeout, so the default applies. Either it is empty, its values are null, or its keys are misspelled: "+
			"Terraform ignores a key that the block does not have.", timeouts),
		"This block has "+strings.Join(arguments, " and ")+". To keep the default without this warning, set timeouts to null.",
	))
}

func missingAPIToken(remedies ...string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryMissingAPIToken, paragraphs(append([]string{
		"No API token is configured.",
		"Set the environment variable " + apiTokenVariable + ", or api_token in the provider block, to a batch token of your " +
			"Scriptix account.",
	}, remedies...)...))
}

// missingAPITokenOfApply returns the error for a plan whose apply needs a token. Terraform plans the configuration before it
// destroys, so the plan of a block that does not exist yet would end the destroy.
func missingAPITokenOfApply() diag.Diagnostic {
	return missingAPIToken("To destroy without a token, run terraform destroy -refresh=false.")
}

// unknownArgument returns the detail of the error for an argument that the provider needs before Terraform knows it.
func unknownArgument(name string) string {
	return paragraphs(
		"The value of "+name+" is not known yet. It depends on something that this run still has to create.",
		"Use a value that is known during the plan, such as a variable. Or create what the value depends on first, with "+
			"terraform apply -target.",
	)
}

// unknownProviderArgument returns the error for an argument of the provider block that an operation needs before Terraform
// knows it.
func unknownProviderArgument(name string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryUnknownArgument, unknownArgument(name+" in the provider block"))
}

// unreadableState returns the error for a state of an earlier version that is damaged.
func unreadableState(problem error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Unreadable State", paragraphs(
		"The state of an earlier version of the provider cannot be read: "+quoted(problem.Error())+".",
		"Restore the state from a backup. Or remove the resource with terraform state rm, and import its session.",
	))
}

// unexpectedProviderData returns the error for a bug in this provider.
func unexpectedProviderData(want, got any) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Unexpected Configure Type", paragraphs(
		fmt.Sprintf("Expected %T, got %T.", want, got),
		"This is a bug in the provider. Report it to its maintainers.",
	))
}

func unsettledListing(list subject) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summaryUnsettled, paragraphs(
		capitalized(list.name)+" changed while the provider read it, or its pages do not add up to its total. A session may be "+
			"missing.",
		"Run Terraform again, or list fewer sessions, for example with created_after.",
	))
}

// sessionWarnings returns the warnings about the sessions that an operation returns.
func sessionWarnings(sessions []scriptix.Session, waited bool) diag.Diagnostics {
	diags := unexpectedFields(sessions)
	if waited {
		diags.Append(unrecognizedStatuses(sessions)...)
	}
	return diags
}

// unexpectedFields returns one warning for each field that has an unexpected value in some of the sessions.
func unexpectedFields(sessions []scriptix.Session) diag.Diagnostics {
	type finding struct {
		first    scriptix.UnexpectedField
		session  string // the ID of the first session
		sessions int
	}
	var findings []*finding
	byField := map[string]*finding{}
	for i := range sessions {
		for _, field := range sessions[i].UnexpectedFields {
			found := byField[field.Field]
			if found == nil {
				found = &finding{first: field, session: sessions[i].SessionID}
				byField[field.Field] = found
				findings = append(findings, found)
			}
			found.sessions++
		}
	}
	var diags diag.Diagnostics
	for _, found := range findings {
		diags.Append(unexpectedField(found.first, found.session, found.sessions))
	}
	return diags
}

// unexpectedField returns the warning for a field that has an unexpected value in so many sessions.
func unexpectedField(field scriptix.UnexpectedField, sessionID string, sessions int) diag.Diagnostic {
	value := field.Kind
	if field.Value != "" {
		value += ": " + quoted(field.Value)
	}
	where := "of session " + quoted(sessionID)
	if sessions > 1 {
		where = fmt.Sprintf("of %d sessions, such as %s,", sessions, quoted(sessionID))
	}
	instead := "null"
	if field.Field == "status" {
		instead = field.Expected
	}
	return diag.NewWarningDiagnostic(summaryUnexpectedField, paragraphs(
		fmt.Sprintf("The field %s %s is %s. The Scriptix API documents %s.", quoted(field.Field), where, value, field.Expected),
		"The provider uses "+instead+" instead. Update the provider, or report this to its maintainers.",
	))
}

// unrecognizedStatuses returns a warning for each session that has finished under an undocumented status.
func unrecognizedStatuses(sessions []scriptix.Session) diag.Diagnostics {
	var diags diag.Diagnostics
	for i := range sessions {
		if sessions[i].Outcome() != scriptix.Unrecognized || len(diags) == maxEnumerated {
			continue
		}
		diags.AddWarning(summaryUnrecognized, paragraphs(
			"Session "+quoted(sessions[i].SessionID)+" has finished with the status "+quoted(string(sessions[i].Status))+
				", which the Scriptix API does not document. The provider returns the session as it is.",
			"Check the document of the session before you use it. Report the status to the maintainers of the provider.",
		))
	}
	return diags
}

// subject is what an operation reads, as diagnostics name it.
type subject struct {
	name    string    // such as `session "abc"`
	summary string    // of errors without a summary of their own
	path    path.Path // the argument that names the sessions; empty if none does
}

func sessionSubject(sessionID string) subject {
	return subject{name: "session " + quoted(sessionID), summary: summaryUnableToRead, path: path.Root("session_id")}
}

// failedRead is an operation that failed.
type failedRead struct {
	err       error
	subject   subject
	arguments waitArguments
}

// readFailure returns the diagnostics for the error of an operation: one for each error that is joined in it, up to a
// bound. They are warnings if the arguments accept unfinished sessions.
func readFailure(err error, what subject, arguments waitArguments) diag.Diagnostics {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return diag.Diagnostics{failedRead{err, what, arguments}.diagnostic()}
	}
	var diags diag.Diagnostics
	errs := joined.Unwrap()
	for _, err := range errs[:min(len(errs), maxEnumerated)] {
		diags.Append(readFailure(err, what, arguments)...)
	}
	if more := len(errs) - maxEnumerated; more > 0 {
		diags.AddError(what.summary, fmt.Sprintf("Reading %s failed for %s.", what.name, count(more, "more session")))
	}
	return diags
}

func (f failedRead) diagnostic() diag.Diagnostic {
	if session, ok := errors.AsType[*scriptix.SessionError](f.err); ok {
		at := f.subject.path
		f.err, f.subject = session.Err, sessionSubject(session.SessionID)
		f.subject.path = at
	}
	var (
		failed    *wait.FailedError
		timedOut  *wait.TimeoutError
		cancelled *wait.CancelledError
		cutOff    *wait.RateLimitError
		apiError  *scriptix.APIError
		rateLimit *scriptix.RateLimitError
		redirect  *scriptix.RedirectError
		answer    *scriptix.AnswerError
		request   *scriptix.RequestError
	)
	switch {
	case errors.As(f.err, &failed):
		return sessionsFailed(failed)
	case errors.As(f.err, &timedOut):
		return f.waitTimedOut(timedOut.Progress)
	case errors.As(f.err, &cancelled):
		return waitCancelled(cancelled.Progress)
	case errors.As(f.err, &cutOff):
		return f.waitCutOff(cutOff)
	case errors.As(f.err, &apiError):
		return f.apiFailed(apiError)
	case errors.As(f.err, &rateLimit):
		return f.rateLimited(rateLimit)
	case errors.As(f.err, &redirect):
		return f.redirected(redirect)
	case errors.As(f.err, &answer):
		return f.unexpectedAnswer(answer)
	case errors.As(f.err, &request):
		return f.unanswered(request)
	}
	return diag.NewErrorDiagnostic(f.subject.summary, f.failed()+": "+quoted(f.err.Error())+".")
}

// failed returns the beginning of most details.
func (f failedRead) failed() string { return "Reading " + f.subject.name + " failed" }

// isList reports whether a list failed, and not a session.
func (f failedRead) isList() bool { return f.subject.summary == summaryUnableToList }

// sessionsFailed words the outcome that a gate exists for.
func sessionsFailed(failed *wait.FailedError, remedies ...string) diag.Diagnostic {
	var parts []string
	for i, session := range failed.Failed {
		if i == maxEnumerated {
			parts = append(parts, fmt.Sprintf("%d more sessions failed.", len(failed.Failed)-maxEnumerated))
			break
		}
		parts = append(parts, failureOf(&session))
	}
	if failed.Pending > 0 {
		parts = append(parts, fmt.Sprintf("When the wait ended, %s had not finished.", count(failed.Pending, "other session")))
	}
	parts = append(parts, "To accept failed sessions, set allow_failed = true, and check their status.")
	parts = append(parts, remedies...)
	return diag.NewErrorDiagnostic(summarySessionFailed, paragraphs(parts...))
}

// notImportable returns the error for an import of sessions that have not finished.
func notImportable(running []scriptix.Session) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryStillProcessing, paragraphs(
		pendingSessions(wait.Progress{Pending: running}),
		"An import takes only sessions that have finished. Import later, or leave out the import: creating the resource waits.",
	))
}

// failedCompletion returns the error for failed sessions in the state, which the configuration does not allow.
func failedCompletion(failed []scriptix.Session) diag.Diagnostic {
	return sessionsFailed(&wait.FailedError{Failed: failed}, destroyClosedGate)
}

// Terraform plans the configuration before it destroys. The error of that plan would end the destroy.
const destroyClosedGate = "To destroy the completion, remove its block, or run terraform destroy -refresh=false."

// namelessCompletion returns the error for a completion in the state that names no session.
func namelessCompletion() diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryInvalidArgument, paragraphs(
		"session_id in the state of the completion must not be null or empty.",
		"Something other than the provider has changed the state. Restore an earlier state, or remove the resource from it with "+
			"terraform state rm, and apply again. Creating the resource waits, and what depends on it stays.",
	))
}

// unfinishedCompletion returns the error for a completion in the state whose session has not finished.
func unfinishedCompletion(session *scriptix.Session) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryStillProcessing, paragraphs(
		unfinishedSession(session),
		"The state holds a completion of this session, because an earlier version of the provider imported it too early. Run "+
			"Terraform again when the session has finished.",
		destroyClosedGate,
	))
}

func unfinishedSession(session *scriptix.Session) string {
	return fmt.Sprintf("Session %s has not finished: its status is still %s.", quoted(session.SessionID), statusWord(session.Status))
}

// failureOf returns what the API says about a failed session, and what to do.
func failureOf(session *scriptix.Session) string {
	name := "Session " + quoted(session.SessionID)
	if session.Filename != nil && *session.Filename != "" {
		name += " (" + quoted(*session.Filename) + ")"
	}
	if session.Error == nil || *session.Error == "" {
		return name + " failed, and Scriptix gives no reason. Contact Scriptix support with the session ID."
	}
	return name + " failed: " + quoted(*session.Error) + "\n" + remedy(*session.Error)
}

// remedy follows the table of error messages on the API's page.
func remedy(problem string) string {
	switch {
	case strings.Contains(problem, "format could not be decoded"):
		return "The file is corrupted, or its format is not supported. Convert it to MP3 or WAV, and upload it again."
	case strings.Contains(problem, "too short"):
		return "Scriptix needs at least one second of audio. Upload a longer recording."
	case strings.Contains(problem, "Language detection failed"):
		return "The audio quality is too poor to detect the language. Set the language when you upload, or improve the audio."
	case strings.Contains(problem, "Processing timeout"):
		return "This is an internal problem of Scriptix. Contact Scriptix support with the session ID."
	}
	return "Contact Scriptix support with the session ID."
}

func (f failedRead) waitTimedOut(progress wait.Progress) diag.Diagnostic {
	happened := fmt.Sprintf("%s The wait reached its timeout of %s after %s.",
		pendingSessions(progress), duration(f.arguments.timeout), count(progress.Polls, "poll"))
	if f.arguments.accept(progress.Pending) {
		return unfinished(happened, progress)
	}
	return diag.NewErrorDiagnostic(summaryStillProcessing, paragraphs(
		happened,
		lastFailure(progress.LastFailure, "poll"),
		"To wait longer, raise "+f.arguments.timeoutArgument+". Scriptix usually takes up to 22 minutes for an hour of audio, and "+
			"up to 65 minutes for three hours. If a session takes longer, contact Scriptix support with its ID. "+waitAgain,
	))
}

const waitAgain = "Sessions continue by themselves. Run Terraform again to continue the wait."

// waitCutOff words the end of a wait that would poll again before its timeout if a rate limit allowed it.
func (f failedRead) waitCutOff(cutOff *wait.RateLimitError) diag.Diagnostic {
	happened := fmt.Sprintf("%s The wait ended after %s in %s, because %s.", pendingSessions(cutOff.Progress),
		count(cutOff.Polls, "poll"), duration(cutOff.Waited.Round(time.Second)), f.nextRequest(cutOff.Err))
	if f.arguments.accept(cutOff.Pending) {
		return unfinished(happened, cutOff.Progress)
	}
	return diag.NewErrorDiagnostic(summaryRateLimit, paragraphs(
		happened,
		lastFailure(cutOff.LastFailure, "poll"),
		"Sessions continue by themselves. "+f.rateLimitRemedy(cutOff.Err),
	))
}

// unfinished returns the warning for a wait that ended early, and returns its sessions as they are.
func unfinished(happened string, progress wait.Progress) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summaryNotFinished, paragraphs(
		happened,
		lastFailure(progress.LastFailure, "poll"),
		"The result has each session as last read, because allow_unfinished is set. Check its status before you use it. "+
			"Sessions continue by themselves. Run Terraform again to wait for the rest.",
	))
}

func waitCancelled(progress wait.Progress) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryCancelled, paragraphs(
		fmt.Sprintf("%s The wait was interrupted after %s.", pendingSessions(progress), duration(progress.Waited)),
		waitAgain,
	))
}

// pendingSessions says which sessions have not finished, with the status of each.
func pendingSessions(progress wait.Progress) string {
	total := len(progress.Pending) + progress.Finished
	if total == 1 {
		session := &progress.Pending[0]
		if session.Outcome() != scriptix.Running {
			return fmt.Sprintf("Session %s is %s in the list, but the provider has not read its details yet.",
				quoted(session.SessionID), statusWord(session.Status))
		}
		return unfinishedSession(session) + lastShown(progress.Age, "The API last showed it")
	}
	var sessions []string
	for i := range progress.Pending {
		if i == maxEnumerated {
			sessions = append(sessions, fmt.Sprintf("and %d more", len(progress.Pending)-maxEnumerated))
			break
		}
		session := &progress.Pending[i]
		status := statusWord(session.Status)
		if session.Outcome() != scriptix.Running {
			status += " in the list, details not read yet"
		}
		sessions = append(sessions, fmt.Sprintf("%s (%s)", quoted(session.SessionID), status))
	}
	have := "have"
	if len(progress.Pending) == 1 {
		have = "has"
	}
	return fmt.Sprintf("%d of %d sessions %s not finished: %s.", len(progress.Pending), total, have, strings.Join(sessions, ", ")) +
		lastShown(progress.Age, "The API last showed one of them")
}

// lastShown says when the API last showed a session, if that is more than a few seconds ago.
func lastShown(age time.Duration, which string) string {
	if age < longAgo {
		return ""
	}
	return fmt.Sprintf(" %s %s ago.", which, duration(age.Round(time.Second)))
}

// lastFailure says why the last poll, or attempt of a request, failed. It returns "" if none did.
func lastFailure(err error, what string) string {
	if err == nil {
		return ""
	}
	return "The last " + what + " that failed reported: " + quoted(err.Error()) + "."
}

// apiFailed words an answer that reports an error.
func (f failedRead) apiFailed(apiError *scriptix.APIError) diag.Diagnostic {
	said := f.apiSaid(apiError)
	class := scriptix.Classify(apiError)
	switch apiError.StatusCode {
	case http.StatusOK:
		return diag.NewErrorDiagnostic(f.subject.summary, paragraphs(said,
			"If the error is about the token, check "+apiTokenVariable+" or api_token. Otherwise contact Scriptix support, because "+
				"an answer with this status should not report an error."))
	case http.StatusUnauthorized:
		return diag.NewErrorDiagnostic(summaryInvalidAPIToken, paragraphs(said, proxyFirst(apiError),
			"Check that "+apiTokenVariable+" or api_token holds a complete batch token of your account, and that the token has "+
				"not been revoked."))
	case http.StatusPaymentRequired:
		return diag.NewErrorDiagnostic(summaryQuotaExceeded, paragraphs(said, proxyFirst(apiError),
			"The quota of your Scriptix plan is used up. Extend it, or wait for its next period."))
	case http.StatusForbidden:
		return diag.NewErrorDiagnostic(summaryAccessDenied, paragraphs(said, proxyFirst(apiError),
			"The token has no access to "+f.subject.name+". "+f.allowedToken()))
	case http.StatusTooManyRequests:
		return f.tooManyRequests(apiError, said)
	}
	if class == scriptix.ClassNotFound && !f.isList() {
		return f.notFound(said)
	}
	return diag.NewErrorDiagnostic(f.subject.summary, paragraphs(said, f.nextStep(class)))
}

// proxyFirst says what to do before the advice for a refusal of Scriptix. It returns "" if Scriptix seems to have answered.
func proxyFirst(apiError *scriptix.APIError) string {
	if !apiError.NotJSON {
		return ""
	}
	return "First check base_url in the provider block, and the proxies between this machine and Scriptix. If Scriptix itself " +
		"refused the request:"
}

// allowedToken says which token to use instead.
func (f failedRead) allowedToken() string {
	if f.isList() {
		return "Use a batch token of the account that may list sessions, or name the sessions in session_ids of the data " +
			"source scriptix_sessions."
	}
	return "Use the token that created the session."
}

// apiSaid repeats what the API answered.
func (f failedRead) apiSaid(apiError *scriptix.APIError) string {
	said := fmt.Sprintf("%s: HTTP %d", f.failed(), apiError.StatusCode)
	if apiError.StatusCode == http.StatusOK {
		said += ", but the answer reports an error"
		if apiError.Type != "" && apiError.Message != "" {
			said += ", " + quoted(apiError.Type) // the status does not say it
		}
	} else if name := http.StatusText(apiError.StatusCode); name != "" {
		said += " (" + name + ")"
	}
	if apiError.ErrorCode != "" {
		said += ", error code " + quoted(apiError.ErrorCode)
	}
	if message := cmp.Or(apiError.Message, apiError.Type); message != "" {
		said += ", " + quoted(message)
	}
	if apiError.Details != "" {
		said += ", details " + quoted(apiError.Details)
	}
	said += "."
	if apiError.NotJSON {
		said += " The answer is not JSON, so it may come from a proxy instead of Scriptix."
	}
	if apiError.Attempts > 1 {
		said += timesSent(apiError.Attempts)
	}
	return said
}

// timesSent says how often a request was sent.
func timesSent(attempts int) string {
	return fmt.Sprintf(" The provider sent the request %s.", count(attempts, "time"))
}

func (f failedRead) nextStep(class scriptix.Class) string {
	const temporary = "This may be temporary. Run Terraform again later. If the error persists, "
	switch class {
	case scriptix.ClassRetryable:
		return temporary + "raise max_retries in the provider block, or contact Scriptix support."
	case scriptix.ClassPassing:
		return temporary + "check base_url in the provider block, or contact Scriptix support. The provider does not retry this " +
			"status."
	case scriptix.ClassWrongAddress, scriptix.ClassNotFound: // a list is always found
		return "There seems to be no Scriptix API at this address. Check base_url in the provider block."
	default:
		return "Check base_url in the provider block. If it is right, report this to the maintainers of the provider."
	}
}

func (f failedRead) notFound(said string) diag.Diagnostic {
	detail := paragraphs(said,
		"The session ID is wrong, the session was deleted, or the session belongs to another organization or token. Scriptix "+
			"shows a session only to the token that created it.")
	if f.subject.path.Equal(path.Empty()) {
		return diag.NewErrorDiagnostic(summaryNotFound, detail)
	}
	return diag.NewAttributeErrorDiagnostic(f.subject.path, summaryNotFound, detail)
}

func (f failedRead) tooManyRequests(apiError *scriptix.APIError, said string) diag.Diagnostic {
	when := "Scriptix does not say when it accepts requests again. Run Terraform again in a few minutes."
	if !apiError.RetryAt.IsZero() {
		when = "Scriptix accepts requests again " + moment(apiError.RetryAt) + ". " + f.orRaiseTimeout("Run Terraform again then")
	}
	return diag.NewErrorDiagnostic(summaryRateLimit, paragraphs(said, when+" "+f.rateLimitAdvice()))
}

// rateLimitAdvice says what makes the limit last for this operation.
func (f failedRead) rateLimitAdvice() string {
	const often = "If this happens often, let fewer pipelines share the token, or set requests_per_minute in the provider block. "
	switch {
	case f.arguments.waits:
		return often + "A longer poll_interval or a larger Scriptix plan helps, too."
	case f.isList():
		return often + "A shorter list or a larger Scriptix plan helps, too."
	}
	return often + "To read many sessions, use one scriptix_sessions with session_ids: it needs fewer requests."
}

func (f failedRead) rateLimited(rateLimit *scriptix.RateLimitError) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryRateLimit, paragraphs(
		f.failed()+": "+f.nextRequest(rateLimit)+".",
		f.rateLimitRemedy(rateLimit),
	))
}

// nextRequest says when the next request can be sent, and what holds it back until then.
func (f failedRead) nextRequest(rateLimit *scriptix.RateLimitError) string {
	limit := "Scriptix accepts"
	if rateLimit.OwnCap {
		limit = "requests_per_minute allows"
	}
	return fmt.Sprintf("%s the next request %s, after the timeout of %s", limit, moment(rateLimit.Until), duration(f.arguments.timeout))
}

func (f failedRead) rateLimitRemedy(rateLimit *scriptix.RateLimitError) string {
	if rateLimit.OwnCap {
		return strings.TrimSuffix("Raise requests_per_minute in the provider block, or "+f.arguments.timeoutArgument, ", or ") + "."
	}
	return f.orRaiseTimeout("Run Terraform again then") + " " + f.rateLimitAdvice()
}

// orRaiseTimeout adds the argument for a longer timeout to a remedy. A query has no such argument.
func (f failedRead) orRaiseTimeout(remedy string) string {
	if f.arguments.timeoutArgument == "" {
		return remedy + "."
	}
	return remedy + ", or raise " + f.arguments.timeoutArgument + "."
}

func (f failedRead) redirected(redirect *scriptix.RedirectError) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summaryRedirect, paragraphs(
		fmt.Sprintf("%s: HTTP %d redirects to %s. The provider does not follow redirects, because it would send the token there.",
			f.failed(), redirect.StatusCode, quoted(redirect.Location)),
		"If the API has moved there, set base_url in the provider block to its new address.",
	))
}

func (f failedRead) unexpectedAnswer(answer *scriptix.AnswerError) diag.Diagnostic {
	problem := "the answer"
	if answer.Field != "" {
		problem = "the field " + quoted(answer.Field) + " of the answer"
	}
	problem += " " + answer.Problem
	if answer.Value != "" {
		problem += ": " + quoted(answer.Value)
	}
	if answer.ContentType != "" {
		problem += " (content type " + quoted(answer.ContentType) + ")"
	}
	advice := "The API may have changed. Update the provider, or report this to its maintainers."
	if answer.NotJSON {
		advice = "Something other than Scriptix may have answered. Check base_url in the provider block, and the proxies between " +
			"this machine and Scriptix."
	}
	return diag.NewErrorDiagnostic(summaryUnexpectedAnswer, paragraphs(f.failed()+": "+problem+".", advice))
}

// unanswered words a request that brought no answer.
func (f failedRead) unanswered(request *scriptix.RequestError) diag.Diagnostic {
	var attempt *scriptix.AttemptTimeoutError
	switch {
	case errors.As(request, &attempt):
		return diag.NewErrorDiagnostic(f.subject.summary, paragraphs(
			fmt.Sprintf("%s: Scriptix did not answer within %s.%s", f.failed(), duration(attempt.Timeout), timesSent(request.Attempts)),
			"Run Terraform again, or raise request_timeout in the provider block."))
	case request.Ended && errors.Is(request, context.DeadlineExceeded):
		return diag.NewErrorDiagnostic(summaryTimedOut, paragraphs(
			fmt.Sprintf("Reading %s did not end within the timeout of %s.", f.subject.name, duration(f.arguments.timeout)),
			lastFailure(request.LastFailure, "attempt"),
			f.orRaiseTimeout("Run Terraform again")))
	case request.Ended && errors.Is(request, context.Canceled):
		return diag.NewErrorDiagnostic(summaryCancelled, "Reading "+f.subject.name+" was interrupted. Run Terraform again.")
	}
	if proxy, ok := errors.AsType[*scriptix.ProxyError](request); ok {
		return f.refusedByProxy(proxy, request.Attempts)
	}
	advice := "Check that this machine can reach base_url. Check HTTPS_PROXY and NO_PROXY."
	if scriptix.Classify(request) == scriptix.ClassPassing { // a certificate that does not verify
		advice = "If a proxy of your company replaces certificates, see the guide \"Networks\" of the provider."
	}
	return diag.NewErrorDiagnostic(f.subject.summary, paragraphs(
		fmt.Sprintf("%s: the request brought no answer: %s.%s", f.failed(), quoted(request.Err.Error()), timesSent(request.Attempts)),
		advice))
}

// refusedByProxy words a proxy that does not connect to Scriptix.
func (f failedRead) refusedByProxy(proxy *scriptix.ProxyError, attempts int) diag.Diagnostic {
	advice := "Let the administrators of the proxy allow the host of base_url. If the host needs no proxy, name it in NO_PROXY."
	if proxy.StatusCode == http.StatusProxyAuthRequired {
		advice = "Put the name and the password into HTTPS_PROXY, as in http://name:password@proxy.example.com:3128."
	}
	return diag.NewErrorDiagnostic(f.subject.summary, paragraphs(
		fmt.Sprintf("%s: the proxy in HTTPS_PROXY refused the connection: HTTP %d (%s).%s", f.failed(), proxy.StatusCode,
			http.StatusText(proxy.StatusCode), timesSent(attempts)),
		advice))
}
