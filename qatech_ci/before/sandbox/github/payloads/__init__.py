"""GitHub's answers, in the shape of its OpenAPI description: https://github.com/github/rest-api-description."""
