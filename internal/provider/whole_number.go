package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// maxWholeNumber is the largest value of an argument that is a whole number. It fits into an int on all platforms.
const maxWholeNumber = math.MaxInt32

// wholeNumberValidator validates an argument that is a whole number. Such an argument is a types.Number: the framework
// reports a fraction in a types.Int64 as an error of the provider.
type wholeNumberValidator struct {
	atLeast int64
}

var _ validator.Number = wholeNumberValidator{}

// Description returns the requirement.
func (v wholeNumberValidator) Description(context.Context) string {
	return fmt.Sprintf("must be a whole number from %d to %d", v.atLeast, maxWholeNumber)
}

// MarkdownDescription returns the requirement.
func (v wholeNumberValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateNumber validates a known value.
func (v wholeNumberValidator) ValidateNumber(ctx context.Context, request validator.NumberRequest, response *validator.NumberResponse) {
	if request.ConfigValue.IsNull() || request.ConfigValue.IsUnknown() {
		return
	}
	value := request.ConfigValue.ValueBigFloat()
	if value.IsInt() && value.Cmp(big.NewFloat(float64(v.atLeast))) >= 0 && value.Cmp(big.NewFloat(maxWholeNumber)) <= 0 {
		return
	}
	response.Diagnostics.Append(invalidValue(request.Path, errors.New(v.Description(ctx))))
}

// wholeNumber returns the value of an argument that has been validated, or the default if it is null.
func wholeNumber(argument types.Number, otherwise int) int {
	if argument.IsNull() || argument.IsUnknown() {
		return otherwise
	}
	value, _ := argument.ValueBigFloat().Int64()
	return int(value)
}
