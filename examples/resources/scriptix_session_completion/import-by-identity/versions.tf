terraform {
  required_version = ">= 1.12" # import by identity
}
