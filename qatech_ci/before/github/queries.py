"""The GraphQL queries: what REST would take several requests for.

Their points count apart from REST's requests:
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

VIEWER = "query Viewer { viewer { login } }"

COMMENTS = """
query Comments($owner: String!, $name: String!, $number: Int!, $after: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      comments(first: 100, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
        pageInfo { hasNextPage endCursor }
        nodes { fullDatabaseId url body viewerDidAuthor author { login } }
      }
    }
  }
}
"""

GLANCE = """
query Glance($owner: String!, $name: String!, $number: Int!, $sha: GitObjectID!, $check: String!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) { headRefOid }
    object(oid: $sha) {
      ... on Commit {
        checkSuites(first: 20, filterBy: {checkName: $check}) {
          nodes {
            app { slug }
            checkRuns(first: 1, filterBy: {checkName: $check, checkType: LATEST}) {
              nodes { status conclusion startedAt completedAt detailsUrl }
            }
          }
        }
        status { context(name: $check) { state createdAt targetUrl creator { __typename login } } }
      }
    }
  }
}
"""
