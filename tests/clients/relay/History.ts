// A list that loads more, and an object that refetches itself.
import { graphql } from "react-relay";

export const query = graphql`
  query HistoryQuery($first: Int!) {
    ...History_query @arguments(first: $first)
    organization {
      ...OrganizationCard_organization
    }
  }
`;

export const history = graphql`
  fragment History_query on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" })
  @refetchable(queryName: "HistoryPaginationQuery") {
    auditEvents(first: $first, after: $after) @connection(key: "History_auditEvents") {
      edges {
        node {
          id
          action
          at
        }
      }
    }
  }
`;
