terraform {
  required_version = ">= 1.14" # actions
}
